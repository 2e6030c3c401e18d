/**
 * Names of what can fall due in a shard. Run ids are ULIDs: no separator occurs in them, and none is one letter. An
 * activity is named as its task is, without a letter before it.
 */
export type DueKey =
  | { kind: 'activity' | 'timer' | 'step'; runId: string; seq: number }
  | { kind: 'execution'; runId: string }
  | { kind: 'blocked'; runId: string }
  | { kind: 'schedule'; scheduleId: string }
  | { kind: 'task_queue'; taskQueue: string }

/** The id of a schedule may have any characters: nothing comes behind it. */
const SCHEDULE = 'c/'
/** And so is the name of a task queue. */
const TASK_QUEUE = 'q/'

export function callKey(runId: string, seq: number): string {
  return `${runId}/${seq}`
}

/** The line of a concurrency key. */
export function lineKey(taskQueue: string, concurrencyKey: string): string {
  return JSON.stringify([taskQueue, concurrencyKey])
}

export function dueKey(due: Exclude<DueKey, { kind: 'activity' }>): string {
  if (due.kind === 'schedule') return `${SCHEDULE}${due.scheduleId}`
  if (due.kind === 'task_queue') return `${TASK_QUEUE}${due.taskQueue}`
  if (due.kind === 'execution') return `x/${due.runId}`
  if (due.kind === 'blocked') return `b/${due.runId}`
  return `${due.kind === 'timer' ? 't' : 's'}/${due.runId}/${due.seq}`
}

export function parseDueKey(key: string): DueKey {
  if (key.startsWith(SCHEDULE)) return { kind: 'schedule', scheduleId: key.slice(SCHEDULE.length) }
  if (key.startsWith(TASK_QUEUE)) return { kind: 'task_queue', taskQueue: key.slice(TASK_QUEUE.length) }
  const [first = '', second = '', third] = key.split('/')
  if (first === 'x') return { kind: 'execution', runId: second }
  if (first === 'b') return { kind: 'blocked', runId: second }
  if (first === 't' || first === 's') {
    return { kind: first === 't' ? 'timer' : 'step', runId: second, seq: Number(third) }
  }
  return { kind: 'activity', runId: first, seq: Number(second) }
}
