/** `perdure/testing`: what tests of workflows import. It runs on Node and in workerd. */
export { replayHistory } from './history.ts'
export { historyLines } from './source.ts'
export type { HistorySource } from './source.ts'
