/** References that nobody was given: another run's object, no object at all, other keys of the bucket. */
import { describe, expect, test } from 'vitest'
import { signal, WorkflowClient, workflow } from '../../shared/index.ts'
import type { EngineNamespace } from '../../shared/index.ts'
import type { Json } from '../../shared/payload.ts'
import type { Reply, ShardApi, SignalRequest, StartRequest } from '../../shared/protocol.ts'
import { payloadKey } from '../../shared/reference.ts'
import { shardOf } from '../../shared/shard.ts'
import { register } from '../workers/registry.ts'
import { rejection, SHARDS, typesOf, world } from './world.ts'

const MB = 1_000_000
const hear = signal<unknown>('hear')
const secret = workflow('forgedSecret', async (ctx, _given: string) => ctx.waitForSignal('never'))
const victim = workflow('forgedVictim', async (ctx) => ctx.waitForSignal(hear))
const gives = workflow('forgedGive', async (_ctx, given: unknown) => given)
register(secret, victim, gives)

const client = new WorkflowClient(world.WORKFLOWS)
const service = world.WORKFLOWS as unknown as ShardApi // the entrypoint that the tests' config binds

const NO_HASH = '0'.repeat(64)

function addressOf(workflowId: string) {
  return { namespace: 'default', shard: shardOf(workflowId, SHARDS), shards: SHARDS }
}

/** An open run that has a large input, and the key of its object. */
async function secretKey(workflowId: string): Promise<{ key: string; size: number }> {
  const run = await client.start(secret, { workflowId, input: 's'.repeat(MB - 2) })
  const { objects } = await world.ARCHIVE.list({ prefix: 'payload/' })
  const object = objects.find(({ key }) => key.includes(run.runId))
  return { key: object!.key, size: object!.size }
}

function signalled(workflowId: string, payload: Json): Promise<Reply<null>> {
  const message = { name: 'hear', signalId: crypto.randomUUID(), payload }
  return service.signal({ to: addressOf(workflowId), workflowId, ...message })
}

function started(workflowId: string, over: Partial<StartRequest>): Promise<Reply<unknown>> {
  const policies = { idReuse: 'allow', idConflict: 'fail' } as const
  const request = { to: addressOf(workflowId), workflowId, workflowType: 'forgedGive', ...policies }
  return service.start({ ...request, requestId: crypto.randomUUID(), ...over })
}

describe('93 payload/large: a forged reference', () => {
  test('93 payload/large: to the object of another run is refused, in a signal and in a start', async () => {
    const workflowId = 'forged victim'
    const run = await client.start(victim, { workflowId, input: undefined })
    const stolen = { $type: 'ref', ...(await secretKey('forged secret')) }
    const refused = await signalled(workflowId, stolen)
    expect(refused.ok).toBe(false)
    expect(await typesOf(run)).toEqual(['workflow_started'])
    const thief = 'forged thief'
    expect(await started(thief, { input: stolen })).toMatchObject({ ok: false })
    const { value } = (await service.target({ to: addressOf(thief), workflowId: thief })) as {
      value: { fresh: string }
    }
    expect(await started(thief, { input: stolen, runId: value.fresh })).toMatchObject({ ok: false })
    expect(await client.count({ idPrefix: thief })).toBe(0)
    await run.terminate()
  })

  test.each<[string, (key: string) => { key: unknown; size: unknown }]>([
    ['to an object that is not there', (key) => ({ key: key.slice(0, -64) + NO_HASH, size: MB })],
    ['to a large object that is not there', (key) => ({ key: key.slice(0, -64) + NO_HASH, size: 20 * MB })],
    ['of another size', (key) => ({ key, size: MB - 1 })],
    ['above the limit', (key) => ({ key, size: 40 * MB })],
    ['so small that it would be inline', (key) => ({ key, size: 10 })],
    ['that leaves the folder', (key) => ({ key: `${key}/../../../default`, size: MB })],
    ['to other objects of the bucket', () => ({ key: 'warm/0/1.parquet', size: MB })],
    ['without a key', () => ({ key: 7, size: MB })],
    ['without a size', (key) => ({ key, size: 'large' })],
  ])('93 payload/large: %s is refused, and nothing is recorded', async (_what, forge) => {
    const workflowId = 'forged in part'
    const { key } = await secretKey(workflowId)
    const { key: forgedKey, size } = forge(key)
    const payload = { $type: 'ref', key: forgedKey, size } as Json
    expect(await signalled(workflowId, payload)).toMatchObject({ ok: false, code: 'invalid_argument' })
    const run = client.getHandle(workflowId)
    expect(await typesOf(run)).toEqual(['workflow_started'])
    await run.terminate()
  })

  test('93 payload/large: data with a $type of its own is data', async () => {
    const { key, size } = await secretKey('forged data')
    const input = { $type: 'ref', key, size }
    const given = await client.execute(gives, { workflowId: 'forged by a user', input })
    expect(given).toEqual(input)
  })

  test('93 payload/large: a run id that no shard gave begins no run', async () => {
    for (const runId of ['no id', '7ZZZZZZZZZZZZZZZZZZZZZZZZZ', '01BX5ZZKBKACTAV9WEVGEMMVRZ'])
      expect(await started('forged id', { runId, input: 1 })).toMatchObject({ ok: false })
    expect(await client.count({ idPrefix: 'forged id' })).toBe(0)
  })

  test('93 payload/large: the service reads and writes no other objects', async () => {
    await world.ARCHIVE.put('warm/secret', 'x'.repeat(200_000))
    const objects = world.WORKFLOWS as unknown as Record<
      'storePayload' | 'readPayload',
      (...given: unknown[]) => Promise<Reply<unknown>>
    >
    const reference = { $type: 'ref', key: 'warm/secret', size: 200_000 }
    const refused = { ok: false, code: 'invalid_argument' }
    expect(await objects.readPayload(reference)).toMatchObject(refused)
    const stream = new Blob(['y'.repeat(200_000)]).stream()
    expect(await objects.storePayload(reference, stream)).toMatchObject(refused)
    const namespaced = { ...reference, key: payloadKey({ namespace: 'a/b', shard: 0, runId: 'R' }, NO_HASH) }
    expect(await objects.readPayload(namespaced)).toMatchObject(refused)
  })
})

/** A connection in whose sight the workflow id changes hands between the question for a target and the signal. */
function changingHands(change: () => Promise<void>): EngineNamespace {
  let changed = false
  return {
    idFromName: (name) => world.SCHEDULER.idFromName(name),
    get: (id) => {
      const stub = world.SCHEDULER.get(id) as object
      return new Proxy(stub, {
        get: (target, verb: string) => async (request: SignalRequest) => {
          if (verb === 'signal' && !changed) {
            changed = true
            await change()
          }
          return await Reflect.apply<object, [SignalRequest], unknown>(Reflect.get(target, verb), target, [
            request,
          ])
        },
      })
    },
  }
}

describe('93 payload/large: a workflow id that changes hands', () => {
  test('93 payload/large: the signal is stored again, for the run that takes it', async () => {
    const workflowId = 'changes hands'
    const first = await client.start(victim, { workflowId, input: undefined })
    const connection = changingHands(async () => {
      await first.terminate()
      await client.start(victim, { workflowId, input: undefined })
    })
    const slow = new WorkflowClient(connection, { archive: world.ARCHIVE })
    const payload = 'p'.repeat(2 * MB)
    await slow.getHandle(workflowId).signal(hear, payload)
    const result = await client.getHandle(workflowId).result()
    expect(result === payload).toBe(true)
    expect((await rejection(first.result())).message).toContain('terminated')
  })
})
