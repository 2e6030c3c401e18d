/** What is answered where a wrangler.toml lacks something, or has the wrong thing under the right name. */
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createTestHarness, type TestHarness, type Unstable_RawConfig } from 'wrangler'

type Config = Omit<Unstable_RawConfig, 'env'>

const workers = join(import.meta.dirname, 'workers')
const base = { compatibility_date: '2026-10-01', compatibility_flags: ['nodejs_compat'] }
const ledger = { name: 'LEDGER', class_name: 'Ledger', script_name: 'perdure-e2e-effects' }
const effects = { configPath: 'effects.wrangler.toml' }

const scheduler = {
  ...base,
  name: 'perdure-e2e-scheduler',
  main: join(workers, 'scheduler.ts'),
  vars: { SHARDS: '4' },
  durable_objects: { bindings: [{ name: 'SCHEDULER', class_name: 'Scheduler' }, ledger] },
  exports: { Scheduler: { type: 'durable-object', storage: 'sqlite' } },
  queues: { producers: [{ binding: 'DEFAULT_QUEUE', queue: 'perdure-e2e-default' }] },
} satisfies Config

const driver = {
  ...base,
  name: 'perdure-e2e-driver',
  main: join(workers, 'driver.ts'),
  services: [{ binding: 'WORKFLOWS', service: scheduler.name, entrypoint: 'WorkflowService' }],
  durable_objects: { bindings: [ledger] },
} satisfies Config

const { queues: _, ...withoutQueue } = scheduler

let server: TestHarness | undefined
afterEach(() => server?.close())

describe('a scheduler whose queue', () => {
  const refusal = {
    code: 'not_configured',
    message: expect.stringContaining(
      'binding DEFAULT_QUEUE is missing or of the wrong kind; add to wrangler.toml:\n\n' +
        '[[queues.producers]]\nbinding = "DEFAULT_QUEUE"\n',
    ),
  }

  test('is missing says so with the lines to add, to clients and over HTTP', async () => {
    expect(await answerToStart(driver, withoutQueue)).toEqual(refusal)
    const response = await server!.getWorker(scheduler.name).fetch('https://scheduler/')
    expect(response.status).toBe(500)
    const { message: detail, code } = refusal
    expect(await response.json()).toMatchObject({ code, detail })
  })

  test('is a bucket says so too, to a client over its namespace', async () => {
    const namespace = { name: 'SCHEDULER', class_name: 'Scheduler', script_name: scheduler.name }
    const direct = { ...driver, durable_objects: { bindings: [namespace, ledger] } }
    const r2_buckets = [{ binding: 'DEFAULT_QUEUE', bucket_name: 'not-a-queue' }]
    expect(await answerToStart(direct, { ...withoutQueue, r2_buckets })).toEqual(refusal)
  })
})

describe('a client', () => {
  const nowhere = {
    code: 'not_configured',
    message: 'the connection leads to neither a Scheduler object nor the WorkflowService entrypoint',
  }

  test('whose service binding names no entrypoint is told what it should lead to', async () => {
    const services = [{ binding: 'WORKFLOWS', service: scheduler.name }]
    expect(await answerToStart({ ...driver, services }, scheduler)).toEqual(nowhere)
  })

  test('of a scheduler whose SCHEDULER is another class is told so too', async () => {
    const bindings = [{ ...ledger, name: 'SCHEDULER' }, ledger]
    const { exports: _scheduler, ...others } = scheduler
    expect(await answerToStart(driver, { ...others, durable_objects: { bindings } })).toEqual(nowhere)
  })
})

/** What the driver's client gets when it starts a workflow. */
async function answerToStart(...configs: Config[]): Promise<unknown> {
  server = createTestHarness({ root: workers, workers: [...configs.map((config) => ({ config })), effects] })
  await server.listen()
  const body = JSON.stringify({ kind: 'chain', ids: ['chain'], input: 1 })
  const response = await server.fetch('/start', { method: 'POST', body })
  return response.json()
}
