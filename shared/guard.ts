/** What every answer over HTTP carries: it is not kept, not framed, and nothing in it is run. */
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

const secured = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  xFrameOptions: 'DENY',
  // Not includeSubDomains: what is below the host is not ours.
  strictTransportSecurity: 'max-age=15552000',
})

export const guard: MiddlewareHandler = async (c, next) => {
  await secured(c, next)
  c.res.headers.set('cache-control', 'no-store')
}
