/** Every recorded history, in every form in which a history can be given. */
import { describe, expect, test } from 'vitest'
import { recordedEvent } from '../../testing/event.ts'
import { historyLines, replayHistory } from '../../testing/index.ts'
import type { HistoryEvent } from '../../shared/info.ts'
import { definitionOf, names, recorded, textOf } from '../replay/recordings.ts'
import { asClient } from './client.ts'

async function* one<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield item
}

describe.each(names)('%s replays', (name) => {
  const { header, history } = recorded(name)
  const definition = definitionOf(header)
  const events = asClient(history, header)

  test('as the client gives it, at once or event by event', async () => {
    await expect(replayHistory(definition, events)).resolves.toBeUndefined()
    await expect(replayHistory(definition, one(events))).resolves.toBeUndefined()
  })

  test('as lines: as we write them, parsed by whoever read them, and as recorded', async () => {
    const lines = await historyLines(events)
    expect(await historyLines(one(events))).toBe(lines)
    await expect(replayHistory(definition, lines)).resolves.toBeUndefined()
    const json = lines.trim().split('\n')
    const parsed = json.map((line) => JSON.parse(line) as HistoryEvent) // but for its timestamp, a text
    await expect(replayHistory(definition, parsed)).resolves.toBeUndefined()
    await expect(replayHistory(definition, textOf(name))).resolves.toBeUndefined()
  })

  test('up to any event: a run that is under way is a shorter history', async () => {
    const reset = history.findLastIndex(({ type }) => type === 'workflow_reset') // no run ended before it
    const lengths = history.flatMap(
      (event, index) => (event.at === history[index + 1]?.at ? [] : [index + 1]), // a turn's events have one time
    )
    for (const upTo of lengths.filter((length) => length > reset))
      await expect(replayHistory(definition, events.slice(0, upTo))).resolves.toBeUndefined()
  })

  test('and its events come back from their lines as they were recorded', async () => {
    expect(events.map((event) => recordedEvent({ ...event }, 'event'))).toEqual(history)
    const lines = (await historyLines(events)).trim().split('\n')
    expect(lines.map((line) => recordedEvent(JSON.parse(line), 'event'))).toEqual(history)
  })
})

test('lines made by JSON alone do where payloads are plain JSON', async () => {
  const { header, history } = recorded('order-completed.jsonl')
  const lines = asClient(history, header).map((event) => JSON.stringify(event))
  await expect(replayHistory(definitionOf(header), lines.join('\n'))).resolves.toBeUndefined()
})
