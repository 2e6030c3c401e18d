import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { advance, client, historyOf, idOn } from '../conformance/world.ts'
import { inStorage, rows } from '../scheduler-do/storage.ts'
import { register } from '../workers/registry.ts'
import { closedRuns, coldRows, pass, settled } from './passes.ts'

const goesCold = workflow('goesCold', async (ctx, input: string) => {
  await ctx.run('step', () => input)
  return input
})
register(goesCold)

const HOUR_MS = 3_600_000
const damages: [string, string, string][] = [
  ['an event has no type', `json_remove(events, '$[0].type')`, 'no type'],
  ['an event is none', `json_set(events, '$[0]', 7)`, 'no type'],
  ['an event has no time', `json_set(events, '$[0].at', 'noon')`, 'no time'],
  ['a row is not JSON', `'[{"type"'`, 'not JSON'],
  ['a row is no list', `'{}'`, 'no list of events'],
  ['a row has lost an event', `'[]'`, 'events from 1 on'],
  ['an event is of no Unicode type', `json_set(events, '$[0].type', json('"\\ud800"'))`, 'no type'],
]

describe('a run whose stored events are damaged, though the shard cannot tell', () => {
  test.each(damages)(
    'is left out of its batch and told, and is archived alone when it is repaired: %s',
    async (what, damaged, reason) => {
      const name = what.replaceAll(' ', '-')
      const [bad, beside, later] = [
        idOn(0, `bad-${name}`),
        idOn(0, `beside-${name}`),
        idOn(0, `later-${name}`),
      ]
      const runIds = await closedRuns(goesCold, [bad, beside])
      await settled(runIds)
      const [runId] = runIds
      const history = await historyOf(client.getHandle(bad))
      const kept = await rows(0, 'SELECT first_event_id, events FROM history WHERE run_id = ?', runId!)
      const set = `UPDATE history SET events = ${damaged} WHERE run_id = ? AND first_event_id = 1`
      await inStorage(0, ({ sql }) => void sql.exec(set, runId!))

      const { summary, lines } = await pass()
      expect(summary).toMatchObject({ rejectedRuns: 1, runs: 1, cooledBatches: 1, failed: 0 })
      const told = { event: 'archive_rejected', namespace: 'default', shard: 0, runId }
      expect(lines).toContainEqual({ ...told, reason: expect.stringContaining(reason) })
      await settled(await closedRuns(goesCold, [later]))
      expect((await pass()).summary).toMatchObject({ rejectedRuns: 0, runs: 1, cooledBatches: 1, failed: 0 })
      expect(await tiersOf(bad, beside, later)).toEqual(['hot', 'cold', 'cold'])

      // Its hold is over and it is not repaired: it is left out again, and nothing else is.
      await advance(HOUR_MS)
      expect((await pass()).summary).toMatchObject({ rejectedRuns: 1, batches: 0, failed: 0 })
      for (const { first_event_id: first, events } of kept)
        await inStorage(0, ({ sql }) => {
          sql.exec(
            'UPDATE history SET events = ? WHERE run_id = ? AND first_event_id = ?',
            events!,
            runId!,
            first!,
          )
        })
      await advance(HOUR_MS)
      expect((await pass()).summary).toMatchObject({ rejectedRuns: 0, batches: 0, failed: 0 })
      await advance(HOUR_MS)
      const again = [idOn(0, `again-${name}`)]
      await settled(await closedRuns(goesCold, again))
      const repaired = await pass()
      expect(repaired.summary).toMatchObject({ rejectedRuns: 0, batches: 2, runs: 2, failed: 0 })
      expect(repaired.lines.filter(({ event }) => event === 'archive_batch')).toMatchObject([
        { runs: 1 },
        { runs: 1 },
      ])
      expect(await tiersOf(bad, ...again)).toEqual(['cold', 'cold'])
      expect(await historyOf(client.getHandle(bad))).toEqual(history)
      expect((await coldRows()).history.get(runId!)).toBe(history.length)
    },
  )
})

const tiersOf = async (...ids: string[]): Promise<string[]> =>
  await Promise.all(ids.map(async (id) => (await client.describe(id)).tier))
