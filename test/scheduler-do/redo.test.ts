import { afterEach, describe, expect, test } from 'vitest'
import { RETRY_MS } from '../../scheduler-do/block.ts'
import { signal, workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn, rejection, typesOf, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { inStorage, rows } from './storage.ts'

const go = signal<number>('go')
const waits = workflow('waits', async (ctx) => ctx.waitForSignal(go))
const sleeps = workflow('sleeps', (ctx) => ctx.sleep('1m'))
const works = workflow('works', async (ctx) => {
  await ctx.waitForSignal(go)
  return ctx.run('work', () => 'done', { retry: { initialInterval: 1 } })
})
register(waits, sleeps, works)

/** From here on the shard cannot store what `when` describes, as if the disk refused it. */
function refuse(table: string, when: string): Promise<void> {
  const trigger = `CREATE TRIGGER refused BEFORE INSERT ON ${table} WHEN ${when}
    BEGIN SELECT RAISE(ABORT, 'no room'); END`
  return inStorage(0, ({ sql }) => void sql.exec(trigger))
}

const allow = (): Promise<void> => inStorage(0, ({ sql }) => void sql.exec('DROP TRIGGER IF EXISTS refused'))
afterEach(allow)

async function started(definition: typeof waits | typeof sleeps | typeof works, ...prefixes: string[]) {
  const starts = prefixes.map((prefix) =>
    client.start(definition as typeof waits, { workflowId: idOn(0, prefix), input: undefined }),
  )
  return Promise.all(starts)
}

async function expectGapless(): Promise<void> {
  const found = await rows(0, 'SELECT sequence FROM workflow_history ORDER BY sequence')
  expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, index) => index + 1))
}

describe('a turn that cannot be stored', () => {
  test('blocks only the run whose change it is; the others of the batch commit', async () => {
    const [one, poor, other] = await started(waits, 'one', 'poor', 'other')
    await refuse('history', `NEW.run_id = '${poor!.runId}'`)
    const signals = [one!.signal(go, 1), rejection(poor!.signal(go, 2)), other!.signal(go, 3)]
    const [, refused] = await Promise.all(signals)
    expect(refused).toMatchObject({ code: 'blocked', message: expect.stringContaining('no room') })
    expect([await one!.result(), await other!.result()]).toEqual([1, 3])
    expect(await poor!.describe()).toMatchObject({ status: 'running', blocked: { code: 'blocked' } })
    expect(await typesOf(poor!)).toEqual(['workflow_started'])
    await allow()
    await poor!.signal(go, 4)
    expect(await poor!.result()).toBe(4)
    expect((await poor!.describe()).blocked).toBeUndefined()
    await expectGapless()
  })

  test('of a start leaves nothing behind, and the id free', async () => {
    const workflowId = idOn(0, 'never')
    await refuse('workflows', `NEW.workflow_id = '${workflowId}'`)
    const start = client.start(waits, { workflowId, input: undefined })
    const [refused, [fine]] = await Promise.all([rejection(start), started(waits, 'fine')])
    expect(refused).toMatchObject({ code: 'blocked' })
    expect(await rejection(client.describe(workflowId))).toMatchObject({ code: 'workflow_not_found' })
    expect(await rows(0, 'SELECT * FROM workflow_ids WHERE workflow_id = ?', workflowId)).toEqual([])
    await allow()
    const again = await client.start(waits, { workflowId, input: undefined })
    await Promise.all([again.signal(go, 1), fine!.signal(go, 2)])
    expect([await again.result(), await fine!.result()]).toEqual([1, 2])
    await expectGapless()
  })

  test('of a timer lets the timers of others fire, and fires again once it can be stored', async () => {
    const [poor, fine] = await started(sleeps, 'poor-timer', 'fine-timer')
    await refuse('history', `NEW.run_id = '${poor!.runId}'`)
    await advance(60_000)
    await fine!.result()
    expect(await typesOf(poor!)).toEqual(['workflow_started', 'timer_started'])
    expect((await poor!.describe()).blocked).toMatchObject({ code: 'blocked' })
    await advance(RETRY_MS) // in vain
    await allow()
    await advance(RETRY_MS)
    await poor!.result()
    expect((await poor!.describe()).blocked).toBeUndefined()
    expect(await typesOf(poor!)).toEqual([
      'workflow_started',
      'timer_started',
      'timer_fired',
      'workflow_completed',
    ])
    await expectGapless()
  })

  test('of a step’s outcome counts as a lost attempt, and the step is run again', async () => {
    const [poor] = await started(works, 'poor-step')
    await refuse('history', `NEW.run_id = '${poor!.runId}' AND NEW.first_event_id > 2`)
    await poor!.signal(go, 1)
    await until(async () => (await poor!.describe()).blocked !== undefined)
    await allow()
    await advance(RETRY_MS)
    expect(await poor!.result()).toBe('done')
    const ended = (await historyOf(poor!)).filter(({ type }) => type === 'step_completed')
    expect(ended).toMatchObject([{ data: { attempt: 2 } }])
    await expectGapless()
  })

  test('leaves a run that was in memory as it was committed: a query sees nothing of it', async () => {
    const [poor] = await started(waits, 'poor-query')
    await refuse('history', `NEW.run_id = '${poor!.runId}'`)
    await rejection(poor!.signal(go, 1))
    await rejection(poor!.signal(go, 2))
    expect((await poor!.describe()).historyEvents).toBe(1)
    await allow()
    await poor!.terminate()
    expect(await typesOf(poor!)).toEqual(['workflow_started', 'workflow_terminated'])
  })
})
