/** Times that are told by the clock of the settings, and durations that go on. */
import { useSyncExternalStore } from 'react'
import { useSession } from '../api/session.ts'
import { durationText, relativeText, timeText } from './format.ts'

export function Time({ at }: { at: number }) {
  const { clock } = useSession()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={relativeText(at, now)}>
      {timeText(at, clock)}
    </time>
  )
}

export function Ago({ at }: { at: number }) {
  const { clock } = useSession()
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={timeText(at, clock)}>
      {relativeText(at, now)}
    </time>
  )
}

/** Of something that may not have ended yet. */
export function Elapsed({ from, to }: { from: number; to?: number | null | undefined }) {
  const now = useNow()
  return <>{durationText((to ?? now) - from)}</>
}

/** Epoch ms, every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const listeners = new Set<() => void>()

/** All that is shown goes by one timer, which stops when nothing is. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    now = Date.now()
    timer = setInterval(tick, 1_000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  now = Date.now()
  for (const told of listeners) told()
}
