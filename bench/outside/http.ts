/** One keep-alive client for every system: what the load generator costs is the same for each. */
import { Agent, request } from 'node:http'

export interface Call {
  method: 'GET' | 'POST'
  path: string
  /** Sent as JSON. */
  body?: unknown
}

const ANSWERS_WITHIN_MS = 120_000

export class Http {
  readonly #to: { agent: Agent; host: string; port: number }

  constructor(port: number) {
    this.#to = { agent: new Agent({ keepAlive: true, maxSockets: 1_000 }), host: '127.0.0.1', port }
  }

  /** The JSON of the answer; null when it has no body. */
  ask({ method, path, body }: Call): Promise<unknown> {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers =
      text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    return new Promise((resolve, reject) => {
      const asked = request(
        { ...this.#to, method, path, headers, timeout: ANSWERS_WITHIN_MS },
        (response) => {
          let answer = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (answer += part))
          response.once('error', reject)
          response.once('end', () => {
            if (response.statusCode !== undefined && response.statusCode < 300)
              resolve(answer === '' ? null : JSON.parse(answer))
            else reject(new Error(`${method} ${path}: ${response.statusCode} ${answer.slice(0, 500)}`))
          })
        },
      )
      asked.once('error', reject)
      asked.once('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer`)))
      asked.end(text)
    })
  }

  close(): void {
    this.#to.agent.destroy()
  }
}
