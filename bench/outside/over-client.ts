/** The calls as perdure's own client makes them over its HTTP API: those of one moment are one request. */
import { WorkflowClient } from '../../shared/index.ts'
import type { Asked } from './runs.ts'
import type { Calls } from './system.ts'
import { go, programs } from './workers/workflows.ts'

export class OverClient implements Calls {
  readonly #client: WorkflowClient
  readonly #each: Calls

  /** `each`: the same, a request each. */
  constructor(port: number, { token, each }: { token: string; each: Calls }) {
    this.#each = each
    this.#client = new WorkflowClient({ url: `http://127.0.0.1:${port}`, token })
  }

  execute(id: string, asked: Asked): Promise<unknown> {
    return this.#client.execute(programs[asked.program], { workflowId: id, input: asked })
  }

  async start(id: string, asked: Asked): Promise<void> {
    await this.#client.start(programs[asked.program], { workflowId: id, input: asked })
  }

  result(id: string): Promise<unknown> {
    return this.#client.getHandle(id).result()
  }

  async signal(id: string): Promise<void> {
    await this.#client.getHandle(id).signal(go)
  }

  close(): void {
    this.#each.close()
  }
}
