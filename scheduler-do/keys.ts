/** Names of what can fall due in a shard. Run ids are ULIDs: no separator occurs in them. */
export type DueKey =
  | { kind: 'activity' | 'timer' | 'step'; runId: string; seq: number }
  | { kind: 'execution'; runId: string }

export function callKey(runId: string, seq: number): string {
  return `${runId}/${seq}`
}

const LETTERS = { activity: 'a', timer: 't', step: 's', execution: 'x' } as const

export function dueKey(due: DueKey): string {
  return due.kind === 'execution' ? `x/${due.runId}` : `${LETTERS[due.kind]}/${due.runId}/${due.seq}`
}

export function parseDueKey(key: string): DueKey {
  const [letter, runId = '', seq] = key.split('/')
  if (letter === 'x') return { kind: 'execution', runId }
  const kind = letter === 'a' ? 'activity' : letter === 't' ? 'timer' : 'step'
  return { kind, runId, seq: Number(seq) }
}
