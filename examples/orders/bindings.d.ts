/** What `import { env } from 'cloudflare:workers'` holds in the activity Workers; see their wrangler.toml. */
declare namespace Cloudflare {
  interface Env {
    INVENTORY: Fetcher
  }
}
