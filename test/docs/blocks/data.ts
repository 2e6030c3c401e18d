/** Blocks of data that are no excerpts: each is read by what would read it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { parser } from '@prometheus-io/lezer-promql'
import { vi } from 'vitest'
import { unstable_readConfig as readConfig } from 'wrangler'
import { parse } from 'yaml'
import { replayed } from '../../../scheduler-do/http/answers.ts'
import { problemOf, problemShape } from '../../../scheduler-do/http/problem.ts'
import { routes } from '../../../scheduler-do/http/routes.ts'
import { prometheusText } from '../../../scheduler-do/prometheus.ts'
import type { ErrorCode } from '../../../shared/error-code.ts'
import type { Refusal } from '../../../shared/protocol.ts'
import { parsePayloadKey, referenceOf } from '../../../shared/reference.ts'
import { namespaceStats } from '../../../shared/stats.ts'
import { migrations } from '../../../testing/simulated/migrations.ts'
import { figures } from '../../environment/figures.ts'
import type { Block } from './pages.ts'

type Facts = NonNullable<Refusal['facts']>

/** A reference to a payload, what a replay is answered with, or what a request is refused with. */
export function wrongJson({ text }: Block): string[] {
  const value: unknown = JSON.parse(text.replace('<sha256>', '0'.repeat(64)))
  const reference = referenceOf(value)
  if (reference) return parsePayloadKey(reference.key) ? [] : [`${reference.key} is no key of a payload`]
  const answer = replayed.safeParse(value)
  if (answer.success && isDeepStrictEqual(answer.data, value)) return []
  const problem = problemShape.safeParse(value)
  if (!problem.success) return [problem.error.message]
  const { type: _, title: __, status: ___, code, detail, ...facts } = problem.data
  const made = problemOf({ ok: false, code: code as ErrorCode, message: detail, facts: facts as Facts })
  return isDeepStrictEqual(value, made) ? [] : [`the API says ${JSON.stringify(made)}`]
}

/** A statement over a shard's own tables. */
export async function wrongSql({ text }: Block): Promise<string[]> {
  const database = new DatabaseSync(':memory:')
  for (const migration of Object.values((await migrations()).migrations)) database.exec(migration)
  try {
    database.exec(text)
    return []
  } catch (error) {
    return [String(error)]
  } finally {
    database.close()
  }
}

/** Lines of a `wrangler.toml`, which wrangler reads without a word. */
export function wrongToml({ text }: Block): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-docs-'))
  const config = join(directory, 'wrangler.toml')
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    writeFileSync(config, `name = "docs"\ncompatibility_date = "2026-10-01"\n${text}`)
    readConfig({ config })
    return warn.mock.calls.map(([warning]) => String(warning))
  } catch (error) {
    return [String(error)]
  } finally {
    warn.mockRestore()
    rmSync(directory, { recursive: true })
  }
}

interface Prometheus {
  readonly scrape_configs?: readonly { readonly metrics_path: string; readonly params: object }[]
  readonly groups?: readonly { readonly rules: readonly Rule[] }[]
}

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly annotations?: { readonly summary: string }
}

/** Configuration of Prometheus: what it scrapes is there, and rules ask for metrics and labels that there are. */
export function wrongYaml({ text }: Block): string[] {
  const { scrape_configs: scrapes = [], groups = [] } = parse(text) as Prometheus // fails below if it is none
  const rules = groups.flatMap((group) => group.rules)
  if (scrapes.length + rules.length === 0) return ['neither scrapes anything nor alerts']
  return [...scrapes.flatMap(wrongScrape), ...rules.flatMap(wrongRule)]
}

function wrongScrape({ metrics_path: path, params }: { metrics_path: string; params: object }): string[] {
  const route = routes.find((one) => one.root && one.path === path)
  if (!route) return [`there is no ${path}`]
  return Object.keys(params).flatMap((name) => (name === 'namespace' ? [] : [`${path} takes no ${name}`]))
}

function wrongRule({ alert, expr, annotations }: Rule): string[] {
  const wrong: string[] = []
  const names: string[] = []
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const word = expr.slice(from, to)
      if (type.isError) wrong.push(`${alert}: ${expr} is no PromQL at ${from}`)
      if (type.name === 'Identifier') names.push(word)
      if (type.name === 'LabelName') names.push(word)
    },
  })
  const labels = [...(annotations?.summary ?? '').matchAll(/\$labels\.(\w+)/g)].map(([, name = '']) => name)
  const unknown = [...names, ...labels].filter((name) => !exported.has(name))
  return [...wrong, ...unknown.map((name) => `${alert}: nothing is called ${name}`)]
}

/** The names of the metrics and of their labels. */
const exported = new Set(
  [
    ...prometheusText(
      namespaceStats('default', [figures(0)], { fence: 1, heldUntil: null, beganAt: 1, endedAt: 2 }),
      3,
    ).matchAll(/^# TYPE (\w+)|^(\w+)(?=\{)|(\w+)="/gm),
  ].map(([, metric, sample, label]) => metric ?? sample ?? label),
)
