/** The document of a sitting. */
import { z } from 'zod'
import { type Machine, machineShape } from '../machine.ts'
import type { Row } from './report.ts'
import type { SystemName } from './system.ts'

export interface Outside {
  /** Of those that were measured. */
  versions: Partial<Record<SystemName, string>>
  rows: Row[]
  /** Of a sitting by itself: when it ended, in ISO 8601, and where it was. */
  date?: string | undefined
  machine?: Machine | undefined
}

/** Whether a workload failed on perdure, where it was measured at all. */
export function hasFailed({ versions, rows }: Outside): boolean {
  return versions.perdure !== undefined && rows.some(({ systems: { perdure } }) => perdure === undefined)
}

const systems = z.literal(['perdure', 'restate', 'dbos'])
const spread = z.object({ median: z.number(), range: z.tuple([z.number(), z.number()]) })

/** For who reads the document from a file. */
export const outsideShape: z.ZodType<Outside> = z.object({
  date: z.string().optional(),
  machine: machineShape.optional(),
  versions: z.partialRecord(systems, z.string()),
  rows: z.array(
    z.object({
      workload: z.string(),
      figure: z.string(),
      better: z.literal(['more', 'less']),
      systems: z.partialRecord(systems, spread),
      ratio: z.number().nullable(),
      target: z.string().nullable(),
      met: z.boolean().nullable(),
    }),
  ),
})
