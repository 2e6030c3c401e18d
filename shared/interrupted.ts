/** Whether work that threw `error` stopped because it was asked to, for `reason`. */
export function gaveIn(error: unknown, reason: unknown): boolean {
  return reason !== undefined && (error === reason || isAbortError(error))
}

/** What streams, timers and clients of services throw when their signal is aborted. */
function isAbortError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError'
}
