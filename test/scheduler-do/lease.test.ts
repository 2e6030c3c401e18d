import { describe, expect, test } from 'vitest'
import type { ArchiveApi } from '../../shared/archive.ts'
import { advance, client, idOn, until, world } from '../conformance/world.ts'
import { workflow } from '../../shared/define.ts'
import { register } from '../workers/registry.ts'
import { source } from '../archiver/passes.ts'
import { lease, shardTo, warm } from '../archiver/steps.ts'
import { abort, rows } from './storage.ts'

const quick = workflow('quick', async () => 'done')
register(quick)

const acquire = (holder: string, ttlMs = 60_000) =>
  source.acquireArchive({ namespace: 'default', holder, ttlMs })
const release = (holder: string) => source.releaseArchive({ namespace: 'default', holder })

describe('the lease of a namespace', () => {
  test('is refused while another holds it, and its holder renews it with the same fence', async () => {
    const { fence, until: end } = await lease('one')
    expect(await acquire('two')).toMatchObject({ ok: false, code: 'lease_held', facts: { until: end } })
    expect(await acquire('one', 120_000)).toMatchObject({ ok: true, value: { fence } })
    await release('one')
  })

  test('is released by its holder only, and the next holder has a higher fence', async () => {
    const { fence } = await lease('one')
    expect(await release('two')).toEqual({ ok: true, value: null })
    expect(await acquire('two')).toMatchObject({ ok: false, code: 'lease_held' })
    await release('one')
    expect((await lease('two')).fence).toBe(fence + 1)
    await release('two')
    expect((await lease('two')).fence).toBe(fence + 2)
    await release('two')
  })

  test('ends by itself, and its last holder is told so by the shards', async () => {
    const { fence } = await lease('lost', 1)
    const next = await until(async () => {
      const reply = await acquire('next')
      return reply.ok && reply.value
    })
    expect(next.fence).toBe(fence + 1)
    await release('next')
  })

  test('ends when its time has passed on the clock of its object', async () => {
    const { fence } = await lease('slow', 600_000)
    await advance(590_000)
    expect(await acquire('next')).toMatchObject({ code: 'lease_held' })
    await advance(10_000)
    expect(await acquire('next')).toMatchObject({ ok: true, value: { fence: fence + 1 } })
    expect(await release('slow')).toEqual({ ok: true, value: null })
    expect(await acquire('third')).toMatchObject({ code: 'lease_held' })
    await release('next')
  })

  test('takes a holder and a time that make sense, and is not kept by a shard', async () => {
    expect(await acquire('')).toMatchObject({ code: 'invalid_argument', facts: { path: 'holder' } })
    for (const ttlMs of [0, -1, 1.5, 1e12])
      expect(await acquire('one', ttlMs)).toMatchObject({
        code: 'invalid_argument',
        facts: { path: 'ttlMs' },
      })
    await client.count() // shard 0 knows who it is
    const stub = world.SCHEDULER.get(world.SCHEDULER.idFromName('default/0')) as ArchiveApi
    const asked = await stub.acquireArchive({ namespace: 'default', holder: 'one', ttlMs: 1_000 })
    expect(asked).toMatchObject({ ok: false, code: 'invalid_argument', facts: { path: 'namespace' } })
  })
})

describe('a shard that has seen a fence', () => {
  test('refuses a lower one at every verb, though it was lost meanwhile, and changes nothing', async () => {
    const first = await lease('first')
    await release('first')
    const second = await lease('second')
    const to = shardTo(0)
    await client.execute(quick, { workflowId: idOn(0, 'fenced') })
    await until(() => warm({ to, fence: second.fence }).then((batch) => batch !== null))
    await abort(0)
    const tables = ['archive_batches', 'archive_garbage', 'archive_holds', 'archive_segments', 'meta']
    const state = () => Promise.all(tables.map((table) => rows(0, `SELECT * FROM ${table}`)))
    const before = await state()

    const old = { to, fence: first.fence }
    const object = { object: 'o', etag: 'e', bytes: 1, rows: 1, minClosedAt: 0, maxClosedAt: 0 }
    const refused = await Promise.all([
      source.proposeArchive({ ...old, maxRuns: 1, maxBytes: 1 }),
      source.archivePage({ ...old, number: 1, runId: 'r', fromEvent: 1, maxBytes: 1 }),
      source.confirmArchive({ ...old, number: 1, objects: [object], locators: [] }),
      source.rejectArchive({ ...old, number: 1, rejected: [] }),
      source.coldCandidates({ ...old, maxBytes: 1 }),
      source.markCold({ ...old, upTo: 1 }),
      source.proposeExpiry({ ...old, maxRuns: 1 }),
      source.confirmExpiry({ ...old, segment: 1, ...object }),
      source.proposePurge({ ...old, maxRuns: 1 }),
      source.confirmPurge({ ...old, runIds: [], objects: [], locators: [], segments: [], coldGoneBy: 1 }),
      source.restoreArchive({ ...old, number: 99, objects: [object], runs: [] }),
      source.garbage({ ...old, maxKeys: 1 }),
      source.collected({ ...old, keys: ['k'] }),
    ])
    for (const reply of refused)
      expect(reply).toMatchObject({ ok: false, code: 'lease_lost', facts: { fence: second.fence } })
    expect(await state()).toEqual(before)
    await release('second')
  })

  test('writes the fence down only when it rises', async () => {
    const { fence } = await lease('again')
    const by = { to: shardTo(1), fence }
    await source.garbage({ ...by, maxKeys: 1 })
    const before = await world.WORKFLOWS.stats('default', 1)
    for (let i = 0; i < 5; i += 1) await source.garbage({ ...by, maxKeys: 1 })
    expect(await world.WORKFLOWS.stats('default', 1)).toEqual(before)
    const none = await source.garbage({ ...by, fence: 0, maxKeys: 1 })
    expect(none).toMatchObject({ ok: false, code: 'invalid_argument', facts: { path: 'fence' } })
    await release('again')
  })
})
