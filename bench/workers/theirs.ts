/**
 * The workloads as Cloudflare Workflows. A run tells the driver its result itself, as plain code at the end of `run()`:
 * no polling (`status()` reads the whole log of an instance), no additional step, and the engine's own closing writes
 * are not waited for. Every choice in their favour.
 */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import type { Workload } from '../figures.ts'
import type { Driver } from './driver-theirs.ts'

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
}

export interface TheirInput {
  workload: Workload
}

export class BenchWorkflow extends WorkflowEntrypoint<Env, TheirInput> {
  override async run(event: Readonly<WorkflowEvent<TheirInput>>, step: WorkflowStep): Promise<unknown> {
    const driver = this.env.DRIVER.getByName('driver')
    try {
      if (event.payload.workload === 'signal') {
        await driver.waiting(event.instanceId)
        await step.waitForEvent('go', { type: 'go', timeout: '1 hour' })
      }
      const result = await program(event.payload.workload, step)
      await driver.done(event.instanceId, result)
      return result
    } catch (error) {
      await driver.failed(event.instanceId, String(error))
      throw error
    }
  }
}

export default {
  fetch: () => new Response('the driver calls the workflow binding'),
}

async function program(workload: Workload, step: WorkflowStep): Promise<number[]> {
  switch (workload) {
    case 'signal':
      return []
    case 'noop-1':
      return [await tick(step, 1)]
    case 'fan-100':
      await Promise.all(Array.from({ length: 100 }, (_, n) => tick(step, n + 1)))
      return []
    case 'seq-10':
    case 'busy':
      for (let n = 1; n <= 10; n += 1) await tick(step, n)
      return []
    case 'long-1000': {
      const edges: number[] = []
      for (let n = 1; n <= 1000; n += 1) {
        const at = await tick(step, n)
        if (n === 1 || n === 100 || n === 901 || n === 1000) edges.push(at)
      }
      return edges
    }
    default:
      return workload satisfies never
  }
}

function tick(step: WorkflowStep, n: number): Promise<number> {
  return step.do(`step-${n}`, async () => Date.now())
}
