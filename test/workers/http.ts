/** The Worker of tests over HTTP. */
import { exports } from 'cloudflare:workers'
import type { HttpConnection } from '../../shared/http.ts'

const { default: worker } = exports as unknown as { default: Fetcher } // entry.ts

/** What a client asks of it; `told` hears of each request. */
export function overHttp(told: (url: string) => void = () => {}): HttpConnection {
  const fetch: HttpConnection['fetch'] = (url, init) => {
    told(url)
    return worker.fetch(new Request(url, init))
  }
  return { url: 'https://scheduler.example', token: 'the-token-of-tests', fetch }
}
