/**
 * The workloads as Cloudflare Workflows. A run tells the driver its result itself, as plain code at the end of `run()`:
 * no polling (`status()` reads the whole log of an instance), no additional step, and the engine's own closing writes
 * are not waited for. Every choice in their favour.
 */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import { type Program, edgesOf } from '../figures.ts'
import type { Driver } from './driver-theirs.ts'

interface Env {
  DRIVER: DurableObjectNamespace<Driver>
}

export interface TheirInput {
  program: Program
  steps: number
  /** Of a run that sleeps. */
  until?: number
}

export class BenchWorkflow extends WorkflowEntrypoint<Env, TheirInput> {
  override async run(event: Readonly<WorkflowEvent<TheirInput>>, step: WorkflowStep): Promise<unknown> {
    const driver = this.env.DRIVER.getByName('driver')
    const { instanceId, payload } = event
    try {
      const result = await program({ driver, instanceId, step }, payload)
      await driver.done(instanceId, result)
      return result
    } catch (error) {
      await driver.failed(instanceId, String(error))
      throw error
    }
  }
}

export default {
  fetch: () => new Response('the driver calls the workflow binding'),
}

interface Running {
  driver: DurableObjectStub<Driver>
  instanceId: string
  step: WorkflowStep
}

async function program(running: Running, input: TheirInput): Promise<unknown> {
  const { step } = running
  switch (input.program) {
    case 'waits':
      await running.driver.waiting(running.instanceId)
      return await step.waitForEvent('go', { type: 'go', timeout: '1 hour' })
    case 'sleeps':
      return await sleeps(step, input.until ?? 0)
    case 'noop':
      return [await tick(step, 1)]
    case 'fan':
      return await Promise.all(Array.from({ length: 100 }, (_, n) => tick(step, n + 1)))
    case 'sequence':
      for (let n = 1; n <= 10; n += 1) await tick(step, n)
      return []
    case 'long':
      return await long(step, input.steps)
    case 'children':
      return await children(running)
    case 'floor':
    case 'remembers':
      throw new Error(`${input.program} is perdure's alone`)
    default:
      return input.program satisfies never
  }
}

/** Plain code reads the clock: no further step. One whose time has passed is refused. */
async function sleeps(step: WorkflowStep, until: number): Promise<number> {
  if (until > Date.now()) await step.sleepUntil('until', until)
  return Date.now() - until
}

async function long(step: WorkflowStep, steps: number): Promise<number[]> {
  const edges = new Set(edgesOf(steps))
  const readings: number[] = []
  for (let n = 1; n <= steps; n += 1) {
    const at = await tick(step, n)
    if (edges.has(n)) readings.push(at)
  }
  return readings
}

/** There are no child workflows: a step starts an instance and waits until that says that it is done. */
async function children({ driver, instanceId, step }: Running): Promise<number[]> {
  const started = Array.from({ length: 100 }, (_, n) =>
    step.do(`child-${n}`, async () => {
      await driver.executeChild(`${instanceId}-${n}`)
      return n
    }),
  )
  return await Promise.all(started)
}

function tick(step: WorkflowStep, n: number): Promise<number> {
  return step.do(`step-${n}`, async () => Date.now())
}
