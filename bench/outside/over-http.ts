/** The calls of a system whose HTTP front is ours to write: perdure's and DBOS's are alike. */
import { Http } from './http.ts'
import type { Asked } from './runs.ts'
import type { Calls } from './system.ts'

export class OverHttp implements Calls {
  readonly #http: Http

  constructor(port: number) {
    this.#http = new Http(port)
  }

  execute(id: string, asked: Asked): Promise<unknown> {
    return this.#http.ask({ method: 'POST', path: `/execute/${id}`, body: asked })
  }

  async start(id: string, asked: Asked): Promise<void> {
    await this.#http.ask({ method: 'POST', path: `/start/${id}`, body: asked })
  }

  result(id: string): Promise<unknown> {
    return this.#http.ask({ method: 'GET', path: `/result/${id}` })
  }

  async signal(id: string): Promise<void> {
    await this.#http.ask({ method: 'POST', path: `/signal/${id}` })
  }

  async isUp(): Promise<boolean> {
    return (await this.#http.ask({ method: 'GET', path: '/up' })) === null
  }

  close(): void {
    this.#http.close()
  }
}
