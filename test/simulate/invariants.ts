/** What must hold whatever was lost: after every commit what is cheap to see, and all of it once a world has come to rest. */
import {
  archivedHistoriesAreWhole,
  closedRunsHaveArrived,
  everyRunHasOnePlace,
  objectsAreNamed,
  readersAreToldTheSame,
} from './invariants/archive.ts'
import type { Archived } from './invariants/archive.ts'
import { checkAlarm, nothingIsLeft, runsHaveCauses } from './invariants/causes.ts'
import { effectsKeepTheContract } from './invariants/contract.ts'
import { nothingIsFound } from './invariants/health.ts'
import { inputsCountOnce } from './invariants/inputs.ts'
import { changeEventsAreComplete, runsAreInOneTier } from './invariants/outside.ts'
import { rowsAreTheFold } from './invariants/projections.ts'
import { resultsAreAllowed } from './invariants/results.ts'
import { historiesAreWhole } from './invariants/shape.ts'
import { signalsAreReadOnce } from './invariants/signals.ts'
import { timersArePunctual } from './invariants/timers.ts'
import { truthOf } from './invariants/truth.ts'
import type { Truth } from './invariants/truth.ts'
import type { Observations } from './observations.ts'
import { armedShards } from './recorded.ts'
import type { Scenario } from './scenario.ts'
import type { WorldView } from './view.ts'

/** In an order in which the first that breaks says the most. */
export const INVARIANTS: readonly ((truth: Truth) => void)[] = [
  historiesAreWhole,
  rowsAreTheFold,
  nothingIsLeft,
  runsHaveCauses,
  nothingIsFound,
  timersArePunctual,
  inputsCountOnce,
  signalsAreReadOnce,
  effectsKeepTheContract,
  changeEventsAreComplete,
  runsAreInOneTier,
  resultsAreAllowed,
]

/** Of worlds that have an archiver. */
export const ARCHIVE_INVARIANTS: readonly ((truth: Archived) => void)[] = [
  everyRunHasOnePlace,
  archivedHistoriesAreWhole,
  closedRunsHaveArrived,
  objectsAreNamed,
  readersAreToldTheSame,
]

/** To be called when the macrotask that commits is over: the alarm is of the same write. */
export function checkStep(view: WorldView): void {
  for (const shard of armedShards(view)) checkAlarm(shard, view.time.now())
}

export async function checkQuiescent(view: WorldView, scenario: Scenario, seen: Observations): Promise<void> {
  const truth = await truthOf(view, scenario, seen)
  for (const holds of INVARIANTS) holds(truth)
  const { archive } = truth
  if (archive) for (const holds of ARCHIVE_INVARIANTS) holds({ ...truth, archive })
}
