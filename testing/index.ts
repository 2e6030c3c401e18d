/**
 * `perdure/testing`: what tests of workflows import. It runs on Node; what replays histories, in workerd too.
 *
 * @module perdure/testing
 */
export { MockableActivities } from './activities.ts'
export { replayArchive } from './archive.ts'
export type { ReplayArchiveOptions, ReplayedRun } from './archive.ts'
export { createTestEnvironment } from './environment.ts'
export type { TestEnvironment, TestEnvironmentOptions } from './environment.ts'
export { replayHistory } from './history.ts'
export { historySnapshot } from './snapshot.ts'
export { historyLines } from './source.ts'
export type { HistorySource } from './source.ts'
export { workerdEnvironment } from './workerd.ts'
export type { DebugBinding, ShardStats, WorkerdEnvironmentOptions } from './workerd.ts'
