/** A chart of values over time, told in words as well: the legend has the last values, or those that are pointed at. */
import { useEffect, useId, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { session, useSession } from '../api/session.ts'
import { hourText } from '../ui/format.ts'
import type { Tone } from '../ui/status.tsx'
import './chart.css'

export interface Series {
  readonly label: string
  readonly tone: Tone
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  title: string
  /** Epoch ms, of every value. */
  times: readonly number[]
  series: readonly Series[]
  text: (value: number) => string
}

const HEIGHT_PX = 150
/** Of time, also where less of it has been seen. */
const LEAST_S = 60

export function Chart({ title, times, series, text }: ChartProps) {
  const { box, pointed } = usePlot({ times, series, text })
  const id = useId()
  const place = pointed ?? times.length - 1
  return (
    <figure className="panel chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <ul className="legend">
          {series.map(({ label, tone, values }) => (
            <li key={label} data-tone={tone}>
              <span className="legend-mark" aria-hidden /> {label}{' '}
              <strong>{shown(values[place], text)}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <div className="chart-box" ref={box} aria-hidden />
    </figure>
  )
}

function shown(value: number | null | undefined, text: (value: number) => string): string {
  return value === null || value === undefined ? '–' : text(value)
}

/** Made anew when its series or the looks change; fed when values come. */
function usePlot({ times, series, text }: Omit<ChartProps, 'title'>) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const dark = useDark()
  const names = series.map(({ label, tone }) => `${label} ${tone}`).join()
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    const made = new uPlot(optionsOf(element, { series, text, onPoint: setPointed }), [[]], element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- their names say whether the series are others
  }, [names, dark])
  useEffect(() => {
    plot.current?.setData([times.map((at) => at / 1_000), ...series.map(({ values }) => [...values])])
  }, [times, series, dark])
  return { box, pointed }
}

interface Drawn {
  series: readonly Series[]
  text: (value: number) => string
  onPoint: (place: number | null) => void
}

function optionsOf(element: HTMLElement, { series, text, onPoint }: Drawn): uPlot.Options {
  const style = getComputedStyle(element)
  const colour = (name: string): string => resolved(element, style.getPropertyValue(name))
  const axis = { stroke: colour('--text-faint'), font: `11px ${style.fontFamily}` }
  const grid = { stroke: colour('--line'), width: 1 }
  return {
    width: element.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: { range: ({ data: [times] }) => spanOf(times) }, // of one value uPlot would show a day
      y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        space: 70,
        values: (_, splits) => splits.map(clockText),
      },
      { ...axis, grid, ticks: { show: false }, size: 54, values: (_, values) => told(values, text) },
    ],
    series: [
      {},
      ...series.map(({ label, tone }) => ({
        label,
        stroke: colour(`--${tone}`),
        width: 1.5,
        points: { show: false },
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  }
}

function spanOf(seconds: ArrayLike<number>): [number, number] {
  const last = seconds[seconds.length - 1] ?? 0
  return [Math.min(seconds[0] ?? last, last - LEAST_S), last]
}

/** A text that is the one below it again says nothing. */
function told(values: readonly number[], text: (value: number) => string): string[] {
  return values.map(text).map((one, place, all) => (one === all[place - 1] ? '' : one))
}

function clockText(seconds: number): string {
  return hourText(seconds * 1_000, session().clock)
}

/** A canvas knows no `light-dark()`: what the element's own colour would be is asked for. */
function resolved(element: HTMLElement, value: string): string {
  const before = element.style.color
  element.style.color = value
  const colour = getComputedStyle(element).color
  element.style.color = before
  return colour
}

function useDark(): boolean {
  const { theme } = useSession()
  const [dark, setDark] = useState(systemDark.matches)
  useEffect(() => {
    const changed = (): void => setDark(systemDark.matches)
    systemDark.addEventListener('change', changed)
    return () => systemDark.removeEventListener('change', changed)
  }, [])
  return theme === 'system' ? dark : theme === 'dark'
}

const systemDark = matchMedia('(prefers-color-scheme: dark)')
