/** A turn without a savepoint that cannot be stored: its object is given up, and what asked is done by the next. */
import { afterEach, expect, test, vi } from 'vitest'
import { WOKEN_MS } from '../../scheduler-do/commit.ts'
import { signal, workflow } from '../../shared/define.ts'
import { PLACES, contradictions, loseAt, persist } from '../conformance/loss.ts'
import { advance, client, evict, idOn, rejection, typesOf } from '../conformance/world.ts'
import { register } from '../workers/registry.ts'
import { inStorage, rows } from './storage.ts'

const go = signal<number>('go')
const hears = workflow('hears-once', async (ctx) => {
  const heard = await ctx.waitForSignal(go)
  return await ctx.run('double', () => heard * 2)
})
register(hears)

afterEach(() => persist(() => inStorage(0, ({ sql }) => void sql.exec('DROP TRIGGER IF EXISTS refused'))))

/** From here on the shard cannot store history of the run, as if the disk refused it. */
function refuse(runId: string): Promise<void> {
  const trigger = `CREATE TRIGGER refused BEFORE INSERT ON history WHEN NEW.run_id = '${runId}'
    BEGIN SELECT RAISE(ABORT, 'no room'); END`
  return inStorage(0, ({ sql }) => void sql.exec(trigger))
}

async function waiting(...prefixes: string[]) {
  const ids = prefixes.map((prefix) => idOn(0, prefix))
  return await Promise.all(ids.map((workflowId) => client.start(hears, { workflowId })))
}

/** Awake for so long that turns go without savepoints. */
async function longAwake(): Promise<void> {
  await evict()
  await client.count()
  await advance(WOKEN_MS)
}

async function expectGapless(): Promise<void> {
  const statement = 'SELECT sequence FROM workflow_history ORDER BY sequence'
  const found = await persist(() => rows(0, statement))
  expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, index) => index + 1))
}

test('leaves nothing of it, and only the run whose change it is comes to be blocked', async () => {
  const [one, poor, other] = await waiting('given-one', 'given-poor', 'given-other')
  await longAwake()
  await refuse(poor!.runId)
  const logged = vi.spyOn(console, 'log')
  const refused = rejection(poor!.signal(go, 2))
  await Promise.all([one!.signal(go, 1), other!.signal(go, 3)])
  expect(await refused).toMatchObject({ code: 'blocked', message: expect.stringContaining('no room') })
  const events = logged.mock.calls.map(([line]) => String(line)).join('\n')
  logged.mockRestore()
  expect(events.match(/commit_given_up/g)).toHaveLength(1)
  expect(events).toContain('commit_failed')
  expect([await one!.result(), await other!.result()]).toEqual([2, 6])
  expect(await typesOf(poor!)).toEqual(['workflow_started'])
  expect(await poor!.describe()).toMatchObject({ status: 'running', blocked: { code: 'blocked' } })
  expect(await contradictions()).toEqual([])
  await expectGapless()
})

test.each(PLACES)('whatever is lost %s', async (place) => {
  let lost = 0
  for (let at = 0; lost === at; at += 1) {
    const runs = await waiting(`${place} ${at} a`, `${place} ${at} b`, `${place} ${at} c`)
    await longAwake()
    const loss = await loseAt(place, at)
    await Promise.all(runs.map((run, n) => run.signal(go, n)))
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([0, 2, 4])
    expect(await contradictions()).toEqual([])
    if (loss.lost) lost += 1
    expect(at).toBeLessThan(50)
  }
  expect(lost).toBeGreaterThan(0)
  await expectGapless()
})
