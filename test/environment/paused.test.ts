/** Pausing where it meets something else: the end of the run in the same turn, and a clock that is set back. */
import { expect, test } from 'vitest'
import { submitDue } from '../../scheduler-do/due.ts'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { parkedOf } from '../../scheduler-do/lookup.ts'
import { wholeHistory } from '../../scheduler-do/store/history.ts'
import { runRow } from '../../scheduler-do/store/runs.ts'
import { idle } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { signal, workflow } from '../../shared/index.ts'
import { lost } from './broken.ts'
import { environmentsWithPlatforms } from './environments.ts'
import { startOf, testShard, to } from './shard.ts'

const createWorld = environmentsWithPlatforms()

const go = signal<string>('go')
const words = signal<string>('words')
const messages = { go, words }

const ending = workflow('ending', { messages }, async (ctx) => await ctx.waitForSignal(go))
const renewed = workflow('renewed', { messages }, async (ctx, again: boolean) => {
  if (!again) return await ctx.sleep('1h')
  await ctx.waitForSignal(go)
  return ctx.continueAsNew(false)
})
const sleeping = workflow('sleeping', async (ctx) => await ctx.sleep('10s'))

let work = async (): Promise<string> => 'worked'
const stepping = workflow('stepping', async (ctx) => await ctx.run('work', () => work()))

const parent = workflow('parent', async (ctx) => {
  const child = await ctx.startChild(sleeping, { parentClosePolicy: 'terminate' })
  await child.result()
})

const run = { to, workflowId: 'w' }
const told = (name: 'go' | 'words') => ({ ...run, name, signalId: name, payload: 'now' })

async function begun(workflowType: string, input?: boolean) {
  const made = await testShard([ending, renewed, sleeping, parent])
  const { shard } = made
  await verbs.start(shard, startOf(workflowType, 'w', input))
  const latest = () => {
    const runId = latestRunId(shard.sql, 'w') ?? ''
    return wholeHistory(shard.sql, runId).events.map(({ type }) => type)
  }
  const first = latestRunId(shard.sql, 'w') ?? ''
  return { ...made, latest, parked: () => parkedOf(shard.sql, first) }
}

/** All of them in one turn, in this order: the pause comes when the function has ended. */
async function pausedLate(type: string, input?: boolean) {
  const made = await begun(type, input)
  const { shard } = made
  const sent = [verbs.signal(shard, told('go')), verbs.pause(shard, run), verbs.signal(shard, told('words'))]
  return { ...made, answers: await Promise.all(sent) }
}

test('a run whose function has ended is not paused, and tells of what came for it as discarded', async () => {
  const { latest, parked, answers } = await pausedLate('ending')
  expect(answers).toMatchObject([{ ok: true }, { code: 'workflow_closed' }, { ok: true }])
  expect(latest().slice(-2)).toEqual(['signals_discarded', 'workflow_completed'])
  expect(parked()).toEqual([])
})

test('one that continues as new leaves what came for it, and the pause, to the run that takes over', async () => {
  const { shard, latest, parked, answers } = await pausedLate('renewed', true)
  expect(runRow(shard.sql, latestRunId(shard.sql, 'w') ?? '')?.status).toBe('paused')
  expect(answers).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
  expect(latest()).toEqual(['workflow_started', 'timer_started', 'signal_received', 'workflow_paused'])
  expect(parked()).toEqual([])
})

test('a timer that fell due while its run was paused fires, though the clock was set back before it was resumed', async () => {
  const { shard, pass, latest } = await begun('sleeping')
  await verbs.pause(shard, run)
  pass(11_000)
  submitDue(shard)
  await idle(shard)
  pass(-5_000)
  await verbs.resume(shard, run)
  expect(latest().at(-1)).toBe('workflow_resumed')
  pass(5_000)
  submitDue(shard)
  await idle(shard)
  expect(latest().at(-1)).toBe('workflow_completed')
})

test('nothing waits for a run that is ended while it is paused, the end of its child neither', async () => {
  const { shard, parked } = await begun('parent')
  await verbs.pause(shard, run)
  await verbs.terminate(shard, run)
  expect(parked()).toEqual([])
})

test.each([false, true])(
  'a step that ends while its run is paused has run once, though it lasts: lost: %s',
  async (isLost) => {
    const made = await createWorld({ workflows: [stepping], shards: 1 })
    const { env, platform } = made
    const began = Promise.withResolvers<string>()
    let calls = 0
    work = () => {
      calls += 1
      return began.promise
    }
    const handle = await env.client.start(stepping, { workflowId: 'w' })
    await handle.pause()
    began.resolve('worked')
    await env.settle()
    if (isLost) await lost(made)
    await env.advance('1h')
    expect(platform.object('default/0').alarmAt).toBeNull()
    await handle.resume()
    await env.settle()
    expect([await handle.result(), calls]).toEqual(['worked', 1])
  },
)

test('a run that is reset to where it was paused is found paused when memory is lost', async () => {
  const made = await createWorld({ workflows: [sleeping], shards: 1 })
  const { env } = made
  const { client } = env
  const handle = await client.start(sleeping, { workflowId: 'w' })
  await handle.pause()
  await handle.reset({ toEvent: 3, reason: 'again' })
  const again = client.getHandle('w')
  for (const lose of [lost, () => env.advance('1h'), lost]) {
    await lose(made)
    expect(await again.describe()).toMatchObject({ status: 'paused' })
  }
  await again.resume()
  await env.settle()
  expect(await again.describe()).toMatchObject({ status: 'completed' })
})
