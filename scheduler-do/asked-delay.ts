/** What becomes of a delay that a failure asks for and that is none. */
import { asksInVain } from '../shared/core/retry.ts'
import type { SerializedError } from '../shared/errors.ts'
import { log } from './log.ts'

/**
 * Tells whoever threw it: it is tried again, by its policy. Not where the error is made, which would take the place of the
 * failure itself: such a delay is mostly the header of somebody's answer.
 */
export function tellOfUnread(error: SerializedError, facts: Record<string, string | number>): void {
  if (asksInVain(error)) log('retry_after_unread', facts)
}
