/**
 * `perdure/worker`: what the eager lane of a scheduler calls. It needs the platform's base class, which no other Worker
 * should.
 *
 * @module perdure/worker
 */
import { WorkerEntrypoint } from 'cloudflare:workers'
import type { ActivitiesApi, PerformReply, PerformRequest } from '../shared/perform.ts'
import type { WorkflowWorker } from './index.ts'
import { perform } from './perform.ts'

/**
 * The RPC entrypoint of an activity Worker, for the eager lane: the scheduler hands it attempts right after it has
 * committed them, without a Queue in between. Only a service binding reaches it.
 *
 * ```ts
 * const worker = new WorkflowWorker({ taskQueue: 'orders', activities: [reserveInventory] })
 * export class Activities extends activitiesEntrypoint(worker) {}
 * export default worker
 * ```
 */
export function activitiesEntrypoint(
  worker: WorkflowWorker,
  // oxlint-disable-next-line typescript/no-explicit-any -- a class is extended whatever its arguments are
): new (...args: any[]) => ActivitiesApi {
  return class extends WorkerEntrypoint implements ActivitiesApi {
    async perform(request: PerformRequest): Promise<PerformReply> {
      return await perform(worker, request, { env: this.env, ctx: this.ctx })
    }
  }
}
