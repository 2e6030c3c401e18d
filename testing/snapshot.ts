/** Histories as text that is the same in every run of a test. */
import type { HistoryEvent } from '../shared/info.ts'
import { historyLines } from './source.ts'

/** A ULID or a UUID: the engine and workflows make them anew each time. */
const RANDOM_ID = /\b(?:[0-7][0-9A-HJKMNP-TV-Z]{25}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})\b/g

/**
 * The history of a run for `toMatchSnapshot()` or `toMatchFileSnapshot()`: one event a line, as `historyLines` writes
 * it, with `id-1`, `id-2`... for ids made at random. Give the environment a `startTime`, since times are part of it.
 *
 * `expect(await historySnapshot(handle)).toMatchSnapshot()`
 */
export async function historySnapshot(run: { history(): AsyncIterable<HistoryEvent> }): Promise<string> {
  const names = new Map<string, string>()
  const lines = await historyLines(run.history())
  return lines.replaceAll(RANDOM_ID, (id) => {
    const name = names.get(id) ?? `id-${names.size + 1}`
    names.set(id, name)
    return name
  })
}
