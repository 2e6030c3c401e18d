/** The document of a run: what `--json` writes, `--compare` reads and `bench:publish` shows. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { ArchiveResult } from './archive/report.ts'
import { WORKLOADS } from './figures.ts'
import { type Machine, machineShape } from './machine.ts'
import { type Outside, outsideShape } from './outside/document.ts'
import { FIGURES, type Figure } from './measures.ts'
import type { Ratio, Result } from './report.ts'
import type { Judged } from './verdict.ts'

export interface Document {
  /** Of when the run began, in ISO 8601. */
  date: string
  /** Made with `--quick`: good for a factor, not for a per cent. */
  quick: boolean
  /** Of perdure's. */
  shards: number
  machine: Machine
  results: (Result | ArchiveResult)[]
  ratios: Ratio[]
  targets: Judged[]
  /** perdure from outside, beside Restate and DBOS; null when the run was without them. */
  outside: Outside | null
}

/** Those of the workloads that are compared; the archive's have figures of their own. */
export function resultsOf({ results }: Document): Result[] {
  return results.filter((one) => one.workload !== 'archive')
}

export function readDocument(file: string): Document {
  const parsed = shape.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (parsed.success) return parsed.data
  throw new Error(`${file} is not the document of a run: ${z.prettifyError(parsed.error)}`)
}

const workload = z.literal(Object.keys(WORKLOADS) as (keyof typeof WORKLOADS)[]) // the keys of an object that is defined there
const lane = z.literal(['inline', 'eager', 'queue'])
const range = z.tuple([z.number(), z.number()])
const better = z.literal(['more', 'less'])
/** One that was not measured yet when the document was made is null. */
const figures = z.object(byFigure(z.number().nullable().default(null)))
const known = z.number().nullable()

const shape: z.ZodType<Document> = z.object({
  date: z.string(),
  quick: z.boolean(),
  shards: z.number().default(1),
  machine: machineShape,
  results: z.array(
    z.union([
      figures.extend({
        workload,
        system: z.literal(['perdure', 'cloudflare-workflows']),
        lane: lane.nullable(),
        concurrency: z.number(),
        ranges: z.partialRecord(z.literal(FIGURES), range),
        rounds: z.number(),
        runs: z.number(),
      }),
      z.looseObject({ workload: z.literal('archive'), of: z.string() }),
    ]),
  ),
  ratios: z.array(
    z.object({
      workload,
      lane: lane.nullable(),
      concurrency: z.number(),
      ratio: z.number(),
      of: z.literal(FIGURES),
    }),
  ),
  targets: z.array(
    z.object({
      title: z.string(),
      lane,
      value: known,
      target: known,
      met: z.boolean().nullable(),
      factor: known,
      factorTarget: known,
      factorMet: z.boolean().nullable(),
      better,
    }),
  ),
  outside: outsideShape.nullable().default(null),
})

function byFigure<T>(value: T): Record<Figure, T> {
  // Every figure is a key.
  return Object.fromEntries(FIGURES.map((figure) => [figure, value])) as Record<Figure, T>
}
