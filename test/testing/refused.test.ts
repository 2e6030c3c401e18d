/** Histories that are not whole, or none; and those that do not say whose they are. */
import { describe, expect, test } from 'vitest'
import { historyLines, replayHistory } from '../../testing/index.ts'
import type { HistoryEvent } from '../../shared/info.ts'
import type { Json } from '../../shared/payload.ts'
import type { Ctx } from '../replay/driver.ts'
import { asClient, begun, order } from './client.ts'

const code = async (ctx: Ctx): Promise<unknown> => {
  await ctx.sleep('1h')
  return ctx.activity('ship', { input: new Map([['to', new Date(5)]]) })
}

async function waiting(): Promise<HistoryEvent[]> {
  return (await begun(code)).seen()
}

describe('refused, with what is wrong', () => {
  test.each<[string, (events: HistoryEvent[]) => unknown, string]>([
    ['nothing', () => [], 'workflow_started'],
    ['an empty file', () => '\n', 'workflow_started'],
    ['a history without its beginning', (events) => events.slice(1), 'event 1 next'],
    ['one that lacks an event', (events) => [events[0], { ...events[1], eventId: 3 }], 'event 2 next'],
    ['what is no JSON', () => '{"type":"workflow_started"', 'line 1 is no JSON'],
    ['what is no event', () => '[1]', 'history[0] must be an event'],
    [
      'an event of a later release',
      (events) => [events[0], { ...events[1], type: 'x' }],
      'history[1].type must be',
    ],
    ['an event without a time', (events) => [{ ...events[0], timestamp: 'x' }], 'history[0].timestamp must'],
    ['an event without data', (events) => [{ ...events[0], data: null }], 'history[0].data must be'],
  ])('%s', async (_, change, message) => {
    const history = change(await waiting()) as HistoryEvent[] // what a type checker would have refused
    await expect(replayHistory(order(code), history)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    })
  })

  const key = `payload/default/0/01JDQH8Z5K3V7W9X2Y4A6B8C01/${'a1'.repeat(32)}`
  test.each<[string, Json, object]>([
    [
      'a payload that the history only names',
      { $type: 'ref', key, size: 300_000 },
      { code: 'payload_too_large', path: 'history', message: expect.stringContaining(key) },
    ],
    [
      'a payload behind a codec, without it',
      { $type: 'encoded', value: 'aaaa', workflowId: 'w', field: 'input' },
      { code: 'not_configured', path: 'codec' },
    ],
  ])('%s', async (_, input, refusal) => {
    const [first = '', ...rest] = (await historyLines(await waiting())).split('\n')
    const given = JSON.parse(first) as { data: object }
    const line = JSON.stringify({ ...given, data: { ...given.data, input } })
    await expect(replayHistory(order(code), [line, ...rest].join('\n'))).rejects.toMatchObject(refusal)
  })

  test('what is no workflow', async () => {
    const none = { ...order(code) }
    await expect(replayHistory(none, await waiting())).rejects.toMatchObject({ code: 'invalid_argument' })
  })
})

const takes = async (ctx: Ctx, input: unknown): Promise<unknown> => {
  const { when, rates } = input as { when: Date; rates: Map<string, bigint> }
  await ctx.sleepUntil(when.getTime() + 60_000)
  return ctx.activity(`rate ${rates.get('EUR')}`)
}

test('lines keep what JSON has no form for', async () => {
  const input = { when: new Date(Date.UTC(2030, 0)), rates: new Map([['EUR', 7n]]), $type: 'order' }
  const { run, seen } = await begun(takes, input)
  await run.fire(1)
  await expect(replayHistory(order(takes), seen())).resolves.toBeUndefined()
  await expect(replayHistory(order(takes), await historyLines(seen()))).resolves.toBeUndefined()
})

const draws = async (ctx: Ctx): Promise<unknown> => ctx.activity(ctx.uuid())

const unnamed = (events: HistoryEvent[]): HistoryEvent[] =>
  events.map(({ data, ...event }) => {
    const { workflowId: _, runId: __, ...fields } = data as Record<string, unknown>
    return { ...event, data: fields }
  })

describe('a history that does not name its run', () => {
  test('replays where the code asks for nothing that is made of its ids', async () => {
    await expect(replayHistory(order(code), unnamed(await waiting()))).resolves.toBeUndefined()
  })

  test('says so with the difference that may be none', async () => {
    const { run, seen } = await begun(draws)
    await expect(replayHistory(order(draws), unnamed(seen()))).rejects.toMatchObject({
      eventId: 2,
      message: expect.stringContaining('the history does not name its run'),
    })
    await expect(replayHistory(order(draws), seen())).resolves.toBeUndefined()
    const header = JSON.stringify(run.identity)
    const lines = await historyLines(unnamed(seen()))
    await expect(replayHistory(order(draws), `${header}\n${lines}`)).resolves.toBeUndefined()
  })

  test('names of other events are left alone', async () => {
    const part = order(async () => {})
    const asks = async (ctx: Ctx) => ctx.executeChild(part, { workflowId: 'part-1', input: undefined })
    const { run } = await begun(asks)
    const [, requested] = asClient(run.history, run.identity)
    expect(requested?.data).toMatchObject({ workflowId: 'part-1' })
    await expect(replayHistory(order(asks), asClient(run.history, run.identity))).resolves.toBeUndefined()
  })
})
