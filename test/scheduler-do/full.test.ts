import { env, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../scheduler-do/config.ts'
import { runtime } from '../../scheduler-do/platform.ts'
import { recover } from '../../scheduler-do/recover.ts'
import { Shard } from '../../scheduler-do/shard.ts'
import * as verbs from '../../scheduler-do/verbs.ts'
import { signal, workflow } from '../../shared/define.ts'
import type { StartRequest } from '../../shared/protocol.ts'
import { client, idOn, until } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { shardTo } from '../archiver/steps.ts'

const go = signal('go')
const waits = workflow('waits', async (ctx) => ctx.waitForSignal(go))
register(waits)

/** A shard with hardly any room, on the storage of shard 0. */
function inFullShard<T>(use: (shard: Shard) => Promise<T>): Promise<T> {
  const { SCHEDULER } = env as { SCHEDULER: DurableObjectNamespace } // bound in test/workers/wrangler.toml
  const stub = SCHEDULER.get(SCHEDULER.idFromName('default/0'))
  return runInDurableObject(stub, (_instance, state) => {
    const config = readConfig({ workflows: [waits] }, env as unknown as Record<string, unknown>, runtime)
    const shard = new Shard(state, { ...config, maxDatabaseBytes: 1 })
    recover(shard)
    return use(shard)
  })
}

const request = (workflowId: string, more: Partial<StartRequest> = {}): StartRequest => {
  const policies = { idReuse: 'allow', idConflict: 'fail' } as const
  return { to: shardTo(0), workflowId, workflowType: 'waits', requestId: workflowId, ...policies, ...more }
}

describe('a shard whose database is nearly full', () => {
  test('refuses to start a run, and says why', async () => {
    await client.count()
    const refused = await inFullShard((shard) => verbs.start(shard, request(idOn(0, 'refused'))))
    expect(refused).toMatchObject({
      ok: false,
      code: 'overloaded',
      message: expect.stringContaining('archiving'),
    })
  })

  test('answers a start that makes no run, and takes signals', async () => {
    const run = await client.start(waits, { workflowId: idOn(0, 'known') })
    const { workflowId, runId } = run
    const known = request(workflowId, { idConflict: 'use-existing', requestId: 'another' })
    expect(await inFullShard((shard) => verbs.start(shard, known))).toEqual({ ok: true, value: { runId } })
    const replaced = request(workflowId, { idConflict: 'terminate-existing', requestId: 'third' })
    expect(await inFullShard((shard) => verbs.start(shard, replaced))).toMatchObject({ code: 'overloaded' })
    await run.signal(go)
    await until(async () => (await run.describe()).status === 'completed')
    expect(await inFullShard((shard) => verbs.start(shard, request(workflowId)))).toMatchObject({
      code: 'overloaded',
    })
  })
})
