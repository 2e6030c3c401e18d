/** Runs and what belongs to them, as text for people. */
import type { ScheduleInfo, WorkflowInfo, WorkflowSummary } from '../shared/index.ts'
import type { Invocation, Style } from './invocation.ts'
import { jsonOf } from './json.ts'

/** To the second, in UTC; nothing for what has not been. */
export function dated(at: Date | number | undefined): string {
  return at === undefined
    ? ''
    : new Date(at)
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, 'Z')
}

const COLOURS: Readonly<Record<WorkflowSummary['status'], Style>> = {
  running: 'cyan',
  paused: 'yellow',
  completed: 'green',
  failed: 'red',
  timed_out: 'red',
  cancelled: 'gray',
  terminated: 'gray',
  continued_as_new: 'gray',
}

export function statusOf(
  it: Invocation,
  { status, blocked }: Pick<WorkflowSummary, 'status' | 'blocked'>,
): string {
  return blocked ? it.styled('red', `${status}, blocked`) : it.styled(COLOURS[status], status)
}

export function describedRun(it: Invocation, info: WorkflowInfo): string {
  const { parent, schedule, blocked, error } = info
  const fields: [string, string][] = [
    ['workflow', `${info.workflowId} (${info.workflowType})`],
    ['run', info.runId],
    ['status', statusOf(it, info)],
    ['task queue', info.taskQueue],
    ['started', dated(info.startedAt)],
    ['closed', dated(info.completedAt)],
    ['history', `${info.historyEvents} events, ${info.historyBytes} bytes, ${info.tier}`],
    ['version', info.version],
    ['parent', parent ? `${parent.workflowId} ${parent.runId}` : ''],
    ['schedule', schedule ? `${schedule.scheduleId}, for ${dated(schedule.scheduledAt)}` : ''],
    ['input', jsonIn(info.input)],
    ['result', jsonIn(info.result)],
    ['error', error ? `${error.code}: ${error.message}` : ''],
    ['blocked', blocked ? `${blocked.code} since ${dated(blocked.since)}: ${blocked.reason}` : ''],
    ['memo', unlessEmpty(info.memo)],
    ['attributes', unlessEmpty(info.searchAttributes)],
    ...info.waitingFor.map((wait): [string, string] => ['waits for', waitText(wait)]),
    ...info.pendingActivities.map((pending): [string, string] => ['activity', pendingText(pending)]),
  ]
  return listed(it, fields)
}

export function describedSchedule(it: Invocation, info: ScheduleInfo): string {
  const { lastRefused: refused } = info
  return listed(it, [
    ['schedule', info.scheduleId],
    ['workflow', info.workflowType],
    ['spec', jsonOf(info.spec)],
    ['policy', unlessEmpty(info.policy)],
    ['paused', info.paused ? 'yes' : ''],
    ['note', info.note ?? ''],
    ['next', info.nextRuns.map(dated).join(', ')],
    ['refused', refused ? `${dated(refused.scheduledAt)} ${refused.code}: ${refused.message}` : ''],
    ...info.recentRuns.map((run): [string, string] => ['run', `${run.workflowId} ${run.runId}`]),
  ])
}

/** A field a line; those without text are left out. */
function listed(it: Invocation, fields: readonly (readonly [string, string])[]): string {
  const shown = fields.filter(([, text]) => text !== '')
  return shown.map(([name, text]) => `${it.styled('dim', name.padEnd(NAMES))}${text}`).join('\n')
}

/** As wide as the longest name, and a gap. */
const NAMES = 12

function waitText({ kind, name, since, until, at }: WorkflowInfo['waitingFor'][number]): string {
  const ends = until === undefined ? '' : `, until ${dated(until)}`
  return `${kind} ${name}, since ${dated(since)}${ends}${at === undefined ? '' : `, at ${at}`}`
}

function pendingText(pending: WorkflowInfo['pendingActivities'][number]): string {
  const { activityType, attempt, nextAttemptAt, lastError } = pending
  const next = nextAttemptAt === undefined ? '' : `, due ${dated(nextAttemptAt)}`
  return `${activityType}, attempt ${attempt}${next}${lastError ? `, after ${lastError.code}: ${lastError.message}` : ''}`
}

/** Nothing for what there is none of. */
export function jsonIn(value: unknown): string {
  return value === undefined ? '' : jsonOf(value)
}

function unlessEmpty(fields: object): string {
  return Object.keys(fields).length === 0 ? '' : jsonOf(fields)
}
