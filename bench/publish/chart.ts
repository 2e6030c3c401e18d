/** The chart of a run: a dot for each median, a line from its lowest round to its highest, on a scale of powers of ten. */
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Row, Series } from './rows.ts'

export type Theme = keyof typeof THEMES

const NAMES: Record<Series, string> = {
  inline: 'perdure: inline step',
  eager: 'perdure: activity, eager',
  queue: 'perdure: activity, Queue',
  theirs: 'Cloudflare Workflows',
}
const SERIES: readonly Series[] = ['inline', 'eager', 'queue', 'theirs']
const DOMAIN = SERIES.map((series) => NAMES[series])
/** Told apart without colours too. */
const SHAPES = ['circle', 'triangle-up', 'square', 'diamond']

const THEMES = {
  light: { text: '#1f2328', grid: '#d1d9e0', colors: ['#0969da', '#8250df', '#1a7f37', '#bc4c00'] },
  dark: { text: '#d1d7e0', grid: '#3d444d', colors: ['#58a6ff', '#bc8cff', '#3fb950', '#f0883e'] },
}

export const THEME_NAMES = Object.keys(THEMES) as Theme[] // the keys of an object that is defined above

/** As SVG text; the background is the page's. */
export async function chart(rows: readonly Row[], theme: Theme): Promise<string> {
  const spec: TopLevelSpec = {
    background: 'transparent',
    vconcat: [
      { title: 'Steps per second (right is better)', ...panel(dotsOf(rows, 'steps/s'), theme) },
      { title: 'Milliseconds (left is better)', ...panel(dotsOf(rows, 'ms'), theme) },
    ],
    config: configOf(theme),
  }
  return `${await new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()}\n`
}

interface Dot {
  label: string
  series: string
  value: number
  low: number
  high: number
}

function dotsOf(rows: readonly Row[], unit: Row['unit']): Dot[] {
  return rows
    .filter((row) => row.unit === unit)
    .flatMap(({ title: label, cells }) =>
      SERIES.flatMap((series) => {
        const { value, range: [low, high] = [0, 0] } = cells[series] ?? {}
        return value === undefined ? [] : [{ label, series: NAMES[series], value, low, high }]
      }),
    )
}

function panel(values: Dot[], theme: Theme) {
  const nominal = { type: 'nominal' as const }
  const log = {
    type: 'quantitative' as const,
    scale: { type: 'log' as const },
    axis: { title: null, format: ',~g', tickCount: 6 },
  }
  const color = { ...nominal, field: 'series', scale: { domain: DOMAIN, range: THEMES[theme].colors } }
  const shape = { ...nominal, field: 'series', scale: { domain: DOMAIN, range: SHAPES } }
  return {
    width: 460,
    height: { step: 26 },
    data: { values },
    encoding: { y: { ...nominal, field: 'label', sort: null, axis: { title: null, grid: true } }, color },
    layer: [
      {
        mark: { type: 'rule' as const, strokeWidth: 2 },
        encoding: { x: { ...log, field: 'low' }, x2: { field: 'high' } },
      },
      {
        mark: { type: 'point' as const, filled: true, size: 80, opacity: 1 },
        encoding: { x: { ...log, field: 'value' }, shape },
      },
    ],
  }
}

function configOf(theme: Theme): NonNullable<TopLevelSpec['config']> {
  const { text, grid } = THEMES[theme]
  const lines = { gridColor: grid, gridOpacity: 0.5, tickColor: grid, domainColor: grid }
  return {
    font: 'sans-serif',
    view: { stroke: grid },
    axis: { labelColor: text, labelLimit: 300, ...lines },
    title: { color: text, anchor: 'start', frame: 'group' },
    legend: { labelColor: text, labelLimit: 300, orient: 'top', columns: 2, title: null },
  }
}
