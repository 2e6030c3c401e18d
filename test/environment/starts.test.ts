/** Starts of an id that has been started before. */
import { expect, test, vi } from 'vitest'
import { latestRunId } from '../../scheduler-do/store/ids.ts'
import { reset } from '../../scheduler-do/reset.ts'
import { submitDue } from '../../scheduler-do/due.ts'
import { wholeHistory } from '../../scheduler-do/store/history.ts'
import { ask } from '../../scheduler-do/inbox.ts'
import { startRun } from '../../scheduler-do/start.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { runRow } from '../../scheduler-do/store/runs.ts'
import { workflowOf } from '../../shared/define.ts'
import { idle } from '../../scheduler-do/tick.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { signal, workflow } from '../../shared/index.ts'
import { startOf, testShard, to } from './shard.ts'

const brief = workflow('brief', async () => 'done')

test('the runs of an id sort as they began, though the clock was set back between them', async () => {
  const { shard, pass } = await testShard([brief])
  const started: string[] = []
  for (const requestId of ['first', 'second', 'third']) {
    const reply = await verbs.start(shard, { ...startOf('brief', 'w'), requestId })
    if (reply.ok) started.push(reply.value.runId)
    pass(-5_000)
  }
  expect(started).toHaveLength(3)
  expect(started).toEqual(started.toSorted())
  expect(latestRunId(shard.sql, 'w')).toBe(started[2])
})

test('so does one whose id was asked for before', async () => {
  const { shard, pass } = await testShard([brief])
  const first = await verbs.start(shard, startOf('brief', 'w'))
  pass(-5_000)
  const target = await verbs.target(shard, { to, workflowId: 'w' })
  const runId = target.ok ? target.value.fresh : ''
  const second = await verbs.start(shard, { ...startOf('brief', 'w'), requestId: 'second', runId })
  expect(second).toMatchObject({ ok: true, value: { runId } })
  expect(first.ok && runId > first.value.runId).toBe(true)
})

const waits = workflow('waits', async (ctx) => await ctx.sleep('1h'))

test('what comes together is told of the latest runs of its ids, which are looked up with one statement', async () => {
  const { shard } = await testShard([waits])
  const first = await verbs.start(shard, startOf('waits', 'open'))
  const other = { requestId: 'another' }
  const read = vi.spyOn(shard.sql, 'all')
  const answers = await Promise.all([
    verbs.start(shard, startOf('waits', 'new')),
    verbs.start(shard, startOf('waits', 'open')),
    verbs.start(shard, { ...startOf('waits', 'open'), ...other }),
    verbs.start(shard, { ...startOf('waits', 'new'), ...other }),
    verbs.signal(shard, { to, workflowId: 'new', name: 'go', signalId: 's-1' }),
    verbs.signal(shard, { to, workflowId: 'open', name: 'go', signalId: 's-2' }),
    verbs.signal(shard, { to, workflowId: 'neither', name: 'go', signalId: 's-3' }),
  ])
  const lookups = read.mock.calls.filter(([statement]) => /run_id.* FROM workflow_ids/.test(statement))
  const told = answers.map((answer) => (answer.ok ? 'ok' : answer.code))
  const isOpen = 'workflow_already_started'
  expect(told).toEqual(['ok', 'ok', isOpen, isOpen, 'ok', 'ok', 'workflow_not_found'])
  expect(answers[1]).toEqual(first)
  expect(lookups).toHaveLength(1)
  expect(await verbs.start(shard, { ...startOf('waits', 'new'), ...other })).toEqual(answers[3])
})

const replacing = (requestId: string) => ({
  ...startOf('waits', 'w'),
  idConflict: 'terminate-existing' as const,
  requestId,
})

test.each(['in a turn each', 'in one turn'])(
  'a start that comes again is told of its run, though others have taken its id: %s',
  async (how) => {
    const said = vi.spyOn(console, 'log')
    const { shard } = await testShard([waits])
    const start = (requestId: string) => verbs.start(shard, replacing(requestId))
    const requests = Array.from({ length: 11 }, (_, index) => `request ${index}`)
    const answers: Awaited<ReturnType<typeof start>>[] = []
    if (how === 'in one turn') answers.push(...(await Promise.all(requests.map(start))))
    else for (const request of requests) answers.push(await start(request))
    const latest = latestRunId(shard.sql, 'w')
    expect(answers.at(-1)).toEqual({ ok: true, value: { runId: latest } })
    for (const [index, request] of requests.entries()) expect(await start(request)).toEqual(answers[index])
    expect(latestRunId(shard.sql, 'w')).toBe(latest)
    expect(said.mock.calls).toEqual([])
    said.mockRestore()
  },
)

test('so is a start whose run was reset, and a reset whose run was replaced', async () => {
  const { shard } = await testShard([waits])
  const first = await verbs.start(shard, replacing('first'))
  const to0 = { to, workflowId: 'w', toEvent: 1, reason: 'again', requestId: 'reset' }
  const made = await reset(shard, to0)
  expect(await verbs.start(shard, replacing('first'))).toMatchObject(first)
  await verbs.start(shard, replacing('second'))
  const latest = latestRunId(shard.sql, 'w')
  expect(await reset(shard, to0)).toEqual(made)
  expect(await verbs.start(shard, replacing('first'))).toMatchObject(first)
  expect(latestRunId(shard.sql, 'w')).toBe(latest)
})

const go = signal<string>('go')
const hears = workflow('hears', { messages: { go } }, async (ctx) => await ctx.waitForSignal(go))

/** In one turn, in which a run that begins is not run: the one that was loaded last may have been what ended the object. */
async function begunWary(input: Input) {
  const { shard } = await testShard([hears])
  await shard.quarantine.mark('suspect')
  shard.quarantine.recall({ now: shard.clock.now(), release: shard.release })
  const { job, reply } = ask<string>((turn, answer) => {
    const { to: _to, ...spec } = startOf('hears', 'w')
    const started = startRun(turn, shard, spec)
    if (!started.ok) throw new Error(started.message)
    for (const one of [heard, input]) turn.input(started.runId, one)
    answer({ ok: true, value: started.runId })
  })
  shard.submit(job)
  const runId = await reply
  submitDue(shard)
  await idle(shard)
  return wholeHistory(shard.sql, runId.ok ? runId.value : '').events.map(({ type }) => type)
}
const heard = { type: 'signal_workflow', name: 'go', signalId: 'first', payload: 'first' } as const

test('a run that is cancelled before it is run ends so', async () => {
  const types = await begunWary({ type: 'request_cancel' })
  const ended = ['start_delay_elapsed', 'signals_discarded', 'workflow_cancelled']
  expect(types).toEqual(['workflow_started', 'signal_received', 'workflow_cancel_requested', ...ended])
})

test('one whose delay is to end before it is run begins once', async () => {
  const types = await begunWary({ type: 'end_start_delay' })
  const once = ['signal_received', 'start_delay_elapsed', 'workflow_completed']
  expect(types).toEqual(['workflow_started', ...once])
})

const continues = workflow('continues', { messages: { go } }, async (ctx, last: boolean) => {
  if (last) return await ctx.sleep('1m')
  await ctx.waitForSignal(go)
  return ctx.continueAsNew(true)
})

test.each([hears, continues])(
  'a signal with start that comes again when its run has ended begins nothing: $name',
  async (definition) => {
    const { shard, pass } = await testShard([hears, continues])
    const { name } = workflowOf(definition)
    const first = { name: 'go', signalId: 'first', payload: 'first' }
    const request = { ...startOf(name, 'w', false), requestId: 'second', signal: first }
    await verbs.start(shard, { ...startOf(name, 'w', false), requestId: 'first' })
    const answer = await verbs.start(shard, request)
    pass(61_000)
    submitDue(shard)
    await idle(shard)
    const latest = latestRunId(shard.sql, 'w') ?? ''
    expect(runRow(shard.sql, latest)?.status).toBe('completed')
    expect(answer.ok && (await verbs.start(shard, request))).toMatchObject({
      ok: true,
      value: { runId: latest },
    })
    expect(latestRunId(shard.sql, 'w')).toBe(latest)
  },
)
