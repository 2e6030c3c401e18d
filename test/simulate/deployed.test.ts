/** Code that does not fit, while a run is paused. */
import { createWorld } from './world.ts'
import { expect, test } from 'vitest'
import { Effects } from './effects.ts'
import { NO_FAULTS } from './faults.ts'
import { scripted } from './program.ts'
import type { Program } from './instructions.ts'

const code = (time: Effects['time']) => scripted(new Effects(time))

test('what waits for a paused run is kept while a deploy blocks it, and by the one that mends it', async () => {
  const world = await createWorld({ seed: 1, faults: NO_FAULTS, shards: 1, code })
  const deploy = async (): Promise<void> => {
    for (const object of world.objects) object.lose('deployed')
    await world.advance(1_000)
    for (const object of world.objects) object.wake()
    await world.advance(1_000)
  }
  const body = [
    { do: 'sleep', ms: 500 },
    { do: 'signal', name: 'paid' },
  ] as const
  const program: Program = { id: 'p', body, handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0 }
  const [run] = world.code.workflows
  const starting = world.client.start(run!, { workflowId: 'w', input: { program, before: [] } })
  await world.advance(1_000)
  const handle = await starting
  const asked = (asking: Promise<unknown>) => Promise.all([asking, world.advance(1_000)])
  await asked(handle.pause())
  await asked(handle.signal('paid', 'm1'))
  world.releases.nextBreaking(new Set([handle.runId]))
  await deploy()
  await asked(handle.query('progress').catch(() => {}))
  await asked(handle.signal('paid', 'm2'))
  world.releases.next()
  await deploy()
  await asked(handle.signal('paid', 'm3'))
  await asked(handle.resume())
  const [result] = await asked(handle.result())
  expect(result).toEqual([{ program: 'p', seen: ['slept', 'm1'], handled: [] }])
  world.end()
})

test('what comes late for a run that has ended is not parked for it, though the code of today does not fit it', async () => {
  const world = await createWorld({ seed: 1, faults: NO_FAULTS, shards: 3, code })
  const asked = (asking: Promise<unknown>) => Promise.all([asking, world.advance(1_000)])
  const alone = { handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0 }
  const waits: Program = { id: 'c', body: [{ do: 'signal', name: 'paid' }], ...alone }
  const child = {
    do: 'child',
    program: waits,
    until: 'ended',
    policy: 'terminate',
    cancellation: 'wait',
  } as const
  const program: Program = { id: 'p', body: [child], ...alone }
  const [run] = world.code.workflows
  const starting = world.client.start(run!, { workflowId: 'w', input: { program, before: [] } })
  await world.advance(1_000)
  const handle = await starting
  world.releases.nextBreaking(new Set([handle.runId]))
  for (const object of world.objects) object.lose('deployed')
  await world.advance(1_000)
  await asked(handle.terminate())
  await world.advance(5_000)
  const rows = world.disks().flatMap(({ sql }) => sql.exec('SELECT * FROM parked_inputs').toArray())
  const blocked = world
    .disks()
    .flatMap(({ sql }) => sql.exec('SELECT 1 FROM workflows WHERE blocked IS NOT NULL').toArray())
  expect([rows, blocked]).toEqual([[], []])
  world.end()
})
