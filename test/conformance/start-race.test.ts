import { describe, expect, test } from 'vitest'
import { WorkflowClient, workflow } from '../../shared/index.ts'
import type { WorkflowHandle } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, rejection, seeded, typesOf, world } from './world.ts'

const waiting = workflow('waiting', async (ctx, who: string) => {
  await ctx.waitForSignal('go')
  return who
})
register(waiting)

const overNamespace = client
const overService = new WorkflowClient(world.WORKFLOWS)
const ROUNDS = 25

/** Both start the same id in the same instant, in an order drawn by the seed. */
async function race(workflowId: string, seed: number, options: object) {
  const draw = seeded(seed)
  const callers = [overNamespace, overService].toSorted(() => draw() - 0.5)
  const starts = callers.map((caller, index) =>
    caller.start(waiting, { workflowId, input: `caller ${index}`, ...options }),
  )
  const settled = await Promise.allSettled(starts)
  return {
    started: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    refused: settled.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : [])),
  }
}

const runsOf = async (workflowId: string) =>
  (await client.list({ idPrefix: workflowId })).map(({ runId }) => runId)
const finish = async (run: WorkflowHandle) => {
  await run.signal('go')
  return await run.result()
}

describe('96 start/simultaneous', () => {
  test('96 start/simultaneous: exactly one run, the other gets WorkflowAlreadyStartedError', async () => {
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const workflowId = `fail-${seed}-`
      const { started, refused } = await race(workflowId, seed, {})
      expect(started, `seed ${seed}`).toHaveLength(1)
      const [{ runId }] = started as [WorkflowHandle]
      expect(refused).toMatchObject([
        { name: 'WorkflowAlreadyStartedError', code: 'workflow_already_started', workflowId, runId },
      ])
      expect(await runsOf(workflowId)).toEqual([runId])
      expect(await finish(started[0]!)).toMatch(/^caller [01]$/)
    }
  })

  test('96 start/simultaneous: by policy, the other gets the same run', async () => {
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const workflowId = `use-${seed}-`
      const { started, refused } = await race(workflowId, seed, { idConflict: 'use-existing' })
      expect(refused).toEqual([])
      expect(new Set(started.map(({ runId }) => runId)).size, `seed ${seed}`).toBe(1)
      expect(await runsOf(workflowId)).toHaveLength(1)
      await finish(started[0]!)
      const [one, other] = await Promise.all(started.map((run) => run.result()))
      expect(one).toBe(other)
    }
  })

  test('96 start/simultaneous: by policy, the later one replaces the run', async () => {
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const workflowId = `replace-${seed}-`
      const { started, refused } = await race(workflowId, seed, { idConflict: 'terminate-existing' })
      expect(refused).toEqual([])
      const statuses = await Promise.all(
        started.map(async ({ runId }) => (await client.describe(workflowId, runId)).status),
      )
      expect(statuses.toSorted(), `seed ${seed}`).toEqual(['running', 'terminated'])
    }
  })

  test('96 start/simultaneous: the same request id is one request, over both connections', async () => {
    const { started, refused } = await race('same request', 1, { requestId: 'request-1' })
    expect(refused).toEqual([])
    expect(new Set(started.map(({ runId }) => runId)).size).toBe(1)
    expect(await typesOf(started[0]!)).toEqual(['workflow_started'])
  })

  test('96 start/simultaneous: fifty clients at once', async () => {
    const starts = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? overNamespace : new WorkflowClient(world.WORKFLOWS)).start(waiting, {
        workflowId: 'fifty',
        input: `${index}`,
      }),
    )
    const settled = await Promise.allSettled(starts)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await runsOf('fifty')).toHaveLength(1)
    const again = await rejection(client.start(waiting, { workflowId: 'fifty', input: 'late' }))
    expect(again).toMatchObject({ code: 'workflow_already_started' })
  })
})
