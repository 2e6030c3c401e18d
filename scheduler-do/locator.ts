/** Whether what an archiver says of a run's place can be true. */
import type { WarmLocator } from '../shared/archive.ts'

/** Whether the locator leads to every event of the run, in these objects. */
export function covers(
  locator: WarmLocator | undefined,
  run: { historyLength: number },
  objects: ReadonlySet<string>,
): boolean {
  if (!locator || !locator.every((piece) => objects.has(piece.object))) return false
  return locator.reduce((rows, piece) => rows + piece.rowCount, 0) === run.historyLength
}
