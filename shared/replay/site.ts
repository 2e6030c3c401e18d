/** Where in the user's code a call was made, for people. */

/** ` at file:line` of the user's code, where the stack tells it. In a bundle all is one file: `below` is what it called. */
export function callSite(below?: object): string {
  const site = new Error('call site')
  const { captureStackTrace } = Error as { captureStackTrace?: (target: object, below: object) => void } // V8's own
  if (below) captureStackTrace?.(site, below)
  const frames = site.stack?.split('\n').slice(1) ?? []
  const own = /\/shared\/(replay|core)\/|\/scheduler-do\//
  const platform = /<anonymous>|\b(node|cloudflare|cloudflare-internal):/ // an `env` that is imported is the platform's proxy
  const frame = frames.find((line) => !own.test(line) && !platform.test(line))
  return frame === undefined ? '' : ` ${frame.trim()}`
}
