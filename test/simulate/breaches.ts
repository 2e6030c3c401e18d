/** What a world is broken with by hand: one invariant at a time. */
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import type { Finding } from '../../shared/health.ts'
import type { Effect } from './effects.ts'
import type { Instruction, Program } from './instructions.ts'
import type { Observations } from './observations.ts'
import type { Action, Scenario } from './scenario.ts'
import type { PassedTimer } from './watch.ts'

export function program(id: string, body: Instruction[], more: Partial<Program> = {}): Program {
  return { id, body, handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0, ...more }
}

const child = { do: 'child', until: 'ended', policy: 'terminate', cancellation: 'wait' } as const
const start = (workflowId: string, one: Program): Action => ({
  kind: 'start',
  workflowId,
  program: one,
  atMs: 0,
  by: 0,
})
export const waits = program('waits', [{ do: 'signal', name: 'shipped' }])

/** Of everything a bit: three that end, one of them as another run, and one that waits for ever with its child. */
export const scenario: Scenario = {
  actions: [
    start(
      'works',
      program('p1', [
        { do: 'activity', key: 'a1', fails: 1, maxAttempts: 3 },
        { do: 'activity', key: 'a2', fails: 0, maxAttempts: 1 },
        {
          do: 'all',
          parts: [
            { do: 'activity', key: 'a3', fails: 0, takesMs: 500, concurrencyKey: 'one' },
            { do: 'activity', key: 'a4', fails: 0, takesMs: 500, concurrencyKey: 'one' },
          ],
        },
        { do: 'step', key: 's1', fails: 0 },
        { ...child, program: program('c1', [{ do: 'sleep', ms: 10 }]) },
        { do: 'sleep', ms: 20_000 },
      ]),
    ),
    start(
      'hears',
      program('p2', [
        { do: 'sleep', ms: 9_000 },
        { do: 'signal', name: 'paid' },
      ]),
    ),
    start(
      'goes on',
      program('p3', [{ do: 'sleep', ms: 4_000 }], { next: program('p4', [{ do: 'signal', name: 'paid' }]) }),
    ),
    start(
      'stays',
      program('p5', [
        {
          do: 'all',
          parts: [
            { ...child, workflowId: 'stays too', program: waits },
            { do: 'signal', name: 'shipped' },
          ],
        },
      ]),
    ),
    { kind: 'signal', workflowId: 'hears', name: 'paid', payload: 'm1', atMs: 1_000, by: 1 },
    { kind: 'signal', workflowId: 'hears', name: 'shipped', payload: 'm2', atMs: 1_500, by: 1 },
    { kind: 'signal', workflowId: 'goes on', name: 'paid', payload: 'm3', atMs: 2_000, by: 1 },
    { kind: 'signal', workflowId: 'stays', name: 'paid', payload: 'm4', atMs: 2_000, by: 2 },
    { kind: 'update', workflowId: 'works', updateId: 'u1', add: 2, atMs: 6_000, by: 2 },
    { kind: 'describe', workflowId: 'works', atMs: 6_500, by: 2 },
    { kind: 'signal', workflowId: 'nobody', name: 'paid', payload: 'm5', atMs: 7_000, by: 2 },
    { kind: 'cancel', workflowId: 'works', atMs: 8_000, by: 2 },
  ],
}

export interface Hands {
  /** On every disk. */
  readonly sql: (text: string) => void
  readonly seen: Observations
  readonly effects: Effect[]
  readonly changeEvents: WorkflowCdcEvent[]
  readonly stood: Set<string>
  readonly timers: PassedTimer[]
  readonly found: Finding[]
  readonly defects: string[]
}

const RUN = (workflowId: string) =>
  `(SELECT run_id FROM workflows WHERE workflow_id = '${workflowId}' ORDER BY run_id LIMIT 1)`
const EDIT = (workflowId: string, from: string, to: string) =>
  `UPDATE history SET events = replace(events, '${from}', '${to}') WHERE run_id = ${RUN(workflowId)}`
const LAST_OF = (workflowId: string) =>
  `FROM workflows WHERE workflow_id = '${workflowId}' ORDER BY run_id DESC LIMIT 1`
const TASK = (kind: string, workflowId: string) => `INSERT INTO workflow_activities
  (run_id, seq, kind, workflow_id, activity_type, task_queue, status, attempt, scheduled_at, due_at, rules)
  SELECT run_id, 5, '${kind}', workflow_id, 'any', '', 'scheduled', 2, 1, 1, '{}' ${LAST_OF(workflowId)}`
const TIMER = `INSERT INTO workflow_timers SELECT run_id, 7, workflow_id, 1 ${LAST_OF('stays')}`
const UNARMED: Finding = { code: 'not_armed', what: 'activity 1' }
const effectOf = (effects: Effect[], key: string): Effect => effects.find((one) => one.key === key)!

export const BREACHES: Record<string, Record<string, (hands: Hands) => void>> = {
  historiesAreWhole: {
    'a turn is lost': ({ sql }) =>
      sql(`DELETE FROM history WHERE run_id = ${RUN('hears')} AND first_event_id = 3`),
    'a turn has no run': ({ sql }) => sql(`DELETE FROM workflows WHERE workflow_id = 'hears'`),
    'it begins twice': ({ sql }) => sql(EDIT('hears', 'signal_received', 'workflow_started')),
    'it ends in the middle': ({ sql }) => sql(EDIT('works', 'step_completed', 'workflow_completed')),
    'its end is not in its row': ({ sql }) =>
      sql(`UPDATE workflows SET completed_at = NULL WHERE workflow_id = 'hears'`),
    'time goes back': ({ sql }) =>
      sql(
        `UPDATE history SET events = json_set(events, '$[0].at', 1) WHERE run_id = ${RUN('hears')} AND first_event_id = 3`,
      ),
    'its code does something else': ({ sql }) => sql(EDIT('works', '"name":"s1"', '"name":"s2"')),
  },
  rowsAreTheFold: {
    'a status': ({ sql }) => sql(`UPDATE workflows SET status = 'failed' WHERE workflow_id = 'hears'`),
    'a result': ({ sql }) => sql(`UPDATE workflows SET result = '1' WHERE workflow_id = 'hears'`),
    'a timer too many': ({ sql }) => sql(TIMER),
    'a step of a run that has ended': ({ sql }) => sql(TASK('step', 'works')),
    'a signal too few': ({ sql }) => sql('DELETE FROM workflow_signals'),
    'another latest run': ({ sql }) =>
      sql(`UPDATE workflow_ids SET run_id = first_run_id WHERE workflow_id = 'goes on'`),
  },
  nothingIsLeft: {
    'a message is on its way': ({ sql }) => sql(`INSERT INTO outbox VALUES (1, 99, '', '{}')`),
    'a schedule is due': ({ sql }) => sql(`INSERT INTO schedules VALUES ('s', '{}', '{}', 1)`),
    'a run is blocked': ({ sql }) => sql(`UPDATE workflows SET blocked = '{}' WHERE workflow_id = 'stays'`),
    'an input is parked': ({ sql }) =>
      sql(`INSERT INTO parked_inputs SELECT run_id, 1, '{}' ${LAST_OF('stays')}`),
    'an activity is pending': ({ sql }) => sql(TASK('activity', 'stays')),
  },
  runsHaveCauses: {
    'a child is gone': ({ sql }) =>
      sql(`UPDATE workflows SET completed_at = 1 WHERE workflow_id = 'stays too'`),
    'a timer has no alarm': ({ sql }) => sql(TIMER),
    'its code has returned': ({ sql }) => {
      sql(`UPDATE history SET events = json_remove(events, '$[#-1]')
        WHERE run_id = ${RUN('hears')} AND events LIKE '%workflow_completed%'`)
      sql(`UPDATE workflows SET completed_at = NULL WHERE workflow_id = 'hears'`)
    },
  },
  nothingIsFound: {
    'a watchdog had something to mend': ({ found }) => void found.push(UNARMED),
    'a shard gave itself up': ({ defects }) => void defects.push('{"event":"defect"}'),
    'a doctor would have': ({ seen }) => void seen.findings.push(UNARMED),
  },
  timersArePunctual: {
    'one went a moment late, and nothing was wrong': ({ timers }) => void timers.push(late(1, [])),
    'one went later than its alarm': ({ timers }) => void timers.push(late(3_001, ['alarm late'])),
    'one went later than clocks are apart': ({ timers }) =>
      void timers.push(late(8_001, ['alarm late', 'clock jumps', 'clock jumps'])),
    'one went later than a shard that is lost comes back': ({ timers }) =>
      void timers.push(late(43_001, ['crash'])),
    'what holds up no timer was wrong': ({ timers }) =>
      void timers.push(late(1_000, ['eviction', 'message lost', 'request lost', 'sink fails'])),
  },
  inputsCountOnce: {
    'a signal is nowhere': ({ sql }) => sql(EDIT('hears', '"payload":"m2"', '"payload":"m9"')),
    'a signal is in two runs': ({ sql }) => sql(EDIT('stays', '"payload":"m4"', '"payload":"m2"')),
    'a signal came twice': ({ sql }) => sql(EDIT('hears', '"payload":"m2"', '"payload":"m1"')),
    'what was refused has happened': ({ sql }) => sql(EDIT('stays', '"payload":"m4"', '"payload":"m5"')),
    'an update is nowhere': ({ sql }) => sql(EDIT('works', '"updateId":"u1"', '"updateId":"u2"')),
    'a cancel is nowhere': ({ sql }) => sql(EDIT('works', 'workflow_cancel_requested', 'workflow_paused')),
    'a start began two runs': ({ sql }) => sql(EDIT('hears', '"requestId":"p2"', '"requestId":"p5"')),
    'a start was answered with another run': ({ seen }) =>
      void seen.answers.set(0, { kind: 'accepted', value: seen.handles.get(1)!.runId }),
    'a refused start began a run': ({ seen }) =>
      void seen.answers.set(0, { kind: 'refused', code: 'no', message: '' }),
    'the end of an activity is nowhere': ({ seen }) => void seen.finished.push('a9'),
    'the end of an activity was lost with a run that did not stand': lostEnd,
    'a client was thrown a TypeError': ({ seen }) => void seen.surprises.push('TypeError'),
  },
  signalsAreReadOnce: {
    'two of one sender change places': ({ sql }) => {
      for (const [from, to] of [
        ['m1', 'm0'],
        ['m2', 'm1'],
        ['m0', 'm2'],
      ] as const)
        sql(EDIT('hears', `"payload":"${from}"`, `"payload":"${to}"`))
    },
    'what was left is not told': ({ sql }) => sql(EDIT('hears', '"signalIds":["m2"]', '"signalIds":[]')),
    'what was left is not passed on': ({ sql }) =>
      sql(`UPDATE history SET events = replace(events, '"signalId":"m3"', '"signalId":"m8"')
      WHERE run_id = (SELECT MAX(run_id) FROM workflows WHERE workflow_id = 'goes on')`),
  },
  effectsKeepTheContract: {
    'nobody asked for it': ({ effects }) =>
      void effects.push({ ...effects[0]!, idempotencyKey: `${effects[0]!.idempotencyKey}9` }),
    'something else was done': ({ effects }) => void Object.assign(effects[0]!, { key: 'a9' }),
    'one attempt too many': ({ effects }) => void effects.push({ ...effectOf(effects, 'a1'), attempt: 4 }),
    'the only attempt was made twice': ({ effects }) => void effects.push({ ...effectOf(effects, 'a2') }),
    'an attempt was left out': ({ effects }) => void Object.assign(effectOf(effects, 'a4'), { attempt: 2 }),
    'what has completed did not': ({ effects }) =>
      void Object.assign(effectOf(effects, 'a2'), { ended: 'failed' }),
    'two held a key at once': ({ effects }) =>
      void Object.assign(effectOf(effects, 'a4'), { at: effectOf(effects, 'a3').at }),
  },
  changeEventsAreComplete: {
    'one never came': ({ changeEvents }) => void changeEvents.splice(4, 1),
    'the last never came': ({ changeEvents }) => void changeEvents.pop(),
    'one says something else': ({ changeEvents }) => void Object.assign(changeEvents[4]!, { eventId: 99 }),
    'one came twice, and differed': ({ changeEvents }) =>
      void changeEvents.push({ ...changeEvents[4]!, runId: 'other' }),
  },
  runsAreInOneTier: {
    'it is archived and here': ({ sql }) =>
      sql(`UPDATE workflows SET archive_batch = 1 WHERE workflow_id = 'hears'`),
    'it is nowhere': ({ sql }) => sql(`DELETE FROM history WHERE run_id = ${RUN('hears')}`),
    'a client reads less of it': ({ seen }) =>
      void seen.histories.set([...seen.histories.keys()][0]!, ['workflow_started']),
  },
  resultsAreAllowed: {
    'another result': ({ sql }) => sql(`UPDATE workflows SET result = '[]' WHERE workflow_id = 'hears'`),
    'it failed': ({ sql }) => sql(`UPDATE workflows SET status = 'failed' WHERE workflow_id = 'hears'`),
    'it is open': ({ sql }) => sql(`UPDATE workflows SET completed_at = NULL WHERE workflow_id = 'hears'`),
    'nobody started it': ({ sql }) => sql(EDIT('hears', '"id":"p2"', '"id":"p9"')),
    'its handle was told otherwise': ({ seen }) => void (seen.handles.get(1)!.ended = { status: 'failed' }),
    'the next client is told otherwise': ({ seen }) =>
      void seen.finals.set('hears', { runId: seen.handles.get(1)!.runId, ended: null }),
    'an update was answered otherwise': ({ seen }) => void seen.updates.set('u1', 9),
    'somebody saw what was not committed': ({ seen }) => void Object.assign(seen.looks[0]!, { told: 99 }),
    'somebody saw less than was committed': ({ seen }) => void Object.assign(seen.looks[0]!, { told: 1 }),
  },
}

function late(ms: number, faults: PassedTimer['faults']): PassedTimer {
  return { runId: 'a run', seq: 1, dueAt: 1, goneAt: 1 + ms, faults }
}

export function lostEnd({ sql, seen: told }: Hands): void {
  sql(EDIT('works', '"result":"a2"', '"result":"a9"'))
  sql(`UPDATE workflows SET status = 'terminated' WHERE run_id = ${RUN('works')}`)
  told.finished.push('a2')
}
