import { env } from 'cloudflare:workers'
import type { Outside } from './driver.ts'

/** The way to the world outside; see OUTSIDE in the wrangler.toml files. */
export function outside(): Service<Outside> {
  return (env as { OUTSIDE: Service<Outside> }).OUTSIDE // bound in each of them
}
