/** What travels on a task queue. */
import type { ActivityTaskMessage } from './protocol.ts'

/**
 * One task, or several of one shard. A consumer of a release that knows nothing of `more` takes the first, and the others
 * come again alone: so the version of the protocol stays.
 */
export interface TaskMessage extends ActivityTaskMessage {
  more?: Omit<ActivityTaskMessage, 'v' | 'to'>[]
}
