/**
 * Objects of the last turns, kept for their shapes. V8 forgets a shape that no object has when it collects garbage, and
 * with it all code that was compiled for it. Nearly all that a turn makes is gone by then: without these, a busy shard
 * has its hottest code compiled anew after each collection (docs/rfc/0015-what-a-turn-costs.md).
 */
import type { RunChange } from './changes.ts'
import type { Job } from './inbox.ts'
import { liveBytes } from './live.ts'
import type { Written } from './project.ts'
import type { Beginning } from './turn-world.ts'
import { Turn } from './turn.ts'

/** A run, or what was asked, of which more is held is let go. */
const MOST_BYTES = 64 * 1024

type Appended = Written['appended'][number]

interface Specimen {
  readonly job: Job | undefined
  readonly appended: Appended
  readonly change: RunChange | undefined
  readonly beginning: Beginning | undefined
}

export class Specimens {
  /** By what became of a run: one of each, and only of what is small. */
  readonly kept = new Map<string, Specimen>()
  /** One that is empty. */
  turn: Turn | undefined

  keep(turn: Turn, jobs: readonly Job[], { appended }: Written): void {
    this.turn ??= new Turn(turn.world)
    const [first] = jobs
    const job = first && (first.newBytes ?? 0) <= MOST_BYTES ? first : undefined
    for (const one of [appended[0], appended.at(-1)]) {
      if (!one || liveBytes(one.live) > MOST_BYTES) continue
      const { runId } = one.live.state
      const change = turn.changes.runs.get(runId)
      this.kept.set(kindOf(one), { job, appended: one, change, beginning: turn.starting.get(runId) })
    }
  }
}

function kindOf({ live, firstEventId }: Appended): string {
  if (firstEventId === 1) return 'begins'
  return live.state.closed ? 'ends' : 'goes on'
}
