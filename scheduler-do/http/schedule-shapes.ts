/** Specs and policies of schedules. What is in them is checked by the shard, in `schedules/checks.ts`. */
import * as z from 'zod/mini'
import { OVERLAPS } from '../../shared/core/schedule.ts'
import type { SchedulePolicy, ScheduleSpec } from '../../shared/schedule.ts'
import { said } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { duration } from './parameters.ts'

const optional = z.exactOptional
export const instant = said(z.union([z.int(), said(z.string(), { format: 'date-time' })]), {
  description: 'Epoch milliseconds, or an ISO 8601 text.',
})

export const spec: Shape<ScheduleSpec> = said(
  z.looseObject({
    cron: optional(z.union([z.string(), z.array(z.string())])),
    every: optional(duration),
    timeZone: optional(z.string()),
    jitter: optional(duration),
    startAt: optional(instant),
    endAt: optional(instant),
  }) as unknown as Shape<ScheduleSpec>, // a duration is any text here
  { id: 'ScheduleSpec', examples: [{ cron: '0 3 * * *', timeZone: 'Europe/Paris' }] },
)

export const policy: Shape<SchedulePolicy> = said(
  z.looseObject({
    overlap: optional(z.enum(OVERLAPS)),
    catchUpWindow: optional(duration),
    pauseOnFailure: optional(z.boolean()),
  }) as unknown as Shape<SchedulePolicy>, // as above
  { id: 'SchedulePolicy' },
)
