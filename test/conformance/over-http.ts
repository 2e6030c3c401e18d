/** The scheduler Worker over HTTP, as somebody outside meets it. */
import { env } from 'cloudflare:workers'
import type { HttpConnection } from '../../shared/http.ts'
import worker from '../workers/entry.ts'

const ours = env as unknown as Record<string, unknown> // what test/workers/wrangler.toml binds
export const TOKEN = String(ours['API_TOKEN'])

export function ask(path: string, init: RequestInit = {}, bindings = ours): Promise<Response> {
  return worker.fetch(new Request(`https://scheduler.example${path}`, init), bindings)
}

/** On a network a body has a length. */
function withLength({ body, ...init }: RequestInit): RequestInit {
  if (!(body instanceof Uint8Array)) return { ...init, body: body ?? null }
  const headers = { ...(init.headers as Record<string, string>), 'content-length': `${body.byteLength}` } // as our clients give them
  return { ...init, headers, body }
}

interface Between {
  /** Whether the request gets lost. */
  cut?: (path: string) => boolean
  /** What becomes of the answer. */
  answered?: (path: string, answer: Response) => Response
}

/** A request that is broken off is no longer waited for. */
export function connection({ cut, answered }: Between = {}): HttpConnection {
  const fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { signal, ...rest } = withLength(init)
    const { pathname } = new URL(url)
    const broken = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
    if (cut?.(pathname) === true) throw new TypeError('fetch failed')
    const asked = ask(pathname, rest).then((answer) => answered?.(pathname, answer) ?? answer)
    return await (signal ? Promise.race([asked, broken]) : asked)
  }
  return { url: 'https://scheduler.example', token: TOKEN, fetch }
}
