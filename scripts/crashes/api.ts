/** What is asked of the driver, test/crashes/workers/driver.ts, and what its Workers tell the sink. Each is a POST of JSON. */
import type { Kind } from './plan.ts'

export interface CrashesApi {
  /** Answers when every one of them is started: a start that was made before counts. */
  '/start': { ask: { ids: string[]; chapters: number }; answer: { started: number } }
  /** Answers when every one of them has been signalled; the signal's id is the chapter's, so again changes nothing. */
  '/signal': { ask: { chapter: number; to: { id: string; kind: Kind }[] }; answer: { signalled: number } }
  '/count': { ask: Record<string, never>; answer: { runs: number; running: number; hot: number } }
  /** Has the archiver make one pass. */
  '/archive': { ask: Record<string, never>; answer: Record<string, never> }
  /** What a client is told of runs, wherever they are kept. */
  '/read': { ask: { ids: string[] }; answer: ReadRun[] }
}

export interface ReadRun {
  workflowId: string
  status: string
  tier: string
  result: unknown
  /** Events of its history. */
  events: number
  starts: number
  /** Ids of the signals it received, in order. */
  signals: string[]
}

/** One attempt of an effect, as the sink hears of it. */
export interface Effect {
  key: string
  workflowId: string
}

/** Where a change event lies in its shard. */
export interface Position {
  shard: number
  sequence: number
}
