/** `perdure/testing`: what tests of workflows import. It runs on Node and in workerd. */
export { replayArchive } from './archive.ts'
export type { ReplayArchiveOptions, ReplayedRun } from './archive.ts'
export { replayHistory } from './history.ts'
export { historyLines } from './source.ts'
export type { HistorySource } from './source.ts'
