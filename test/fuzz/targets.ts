/** All there are. */
import { argumentTargets } from './arguments.ts'
import { avroTargets } from './avro.ts'
import { catalogTargets } from './catalogs.ts'
import { failureTargets } from './failures.ts'
import { historyTargets } from './histories.ts'
import { httpTargets } from './http.ts'
import { parquetTargets } from './parquet.ts'
import { payloadTargets } from './payloads.ts'
import { scheduleTargets } from './schedules.ts'
import type { Target } from './target.ts'
import { tokenTargets } from './tokens.ts'

export const targets: readonly Target[] = [
  ...payloadTargets,
  ...failureTargets,
  ...argumentTargets,
  ...historyTargets,
  ...scheduleTargets,
  ...tokenTargets,
  ...avroTargets,
  ...catalogTargets,
  ...httpTargets,
  ...parquetTargets,
]
