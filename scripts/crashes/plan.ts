/** What each run has to do, and what must come of it. The Workers load it too: it imports nothing. */

/** What a chapter of a run consists of. */
export type Kind = 'activity' | 'step' | 'timer' | 'child' | 'all'

const KINDS: readonly Kind[] = ['activity', 'step', 'timer', 'child', 'all']
/** How many effects a chapter has on the world outside. */
const EFFECTS: Record<Kind, number> = { activity: 1, step: 1, timer: 1, child: 2, all: 3 }

export interface Plan {
  readonly ids: readonly string[]
  /** One for each life of the runtime. */
  readonly chapters: number
}

export interface Expected {
  readonly result: { chapters: number[]; total: number }
  readonly signals: string[]
}

export function planOf({ runs, kills }: { runs: number; kills: number }): Plan {
  return { ids: Array.from({ length: runs }, (_, index) => `run-${index}`), chapters: kills + 1 }
}

/** Every run goes through all kinds, and at any moment every kind is under way somewhere. */
export function kindOf(id: string, chapter: number): Kind {
  const index = Number(id.slice('run-'.length)) + chapter
  return KINDS[index % KINDS.length] ?? 'activity'
}

export function childOf(id: string, chapter: number): string {
  return `${id}/${chapter}`
}

/** Ids of the children of all runs. */
export function childrenOf({ ids, chapters }: Plan): string[] {
  return ids.flatMap((id) =>
    numbers(chapters).flatMap((chapter) => (kindOf(id, chapter) === 'child' ? [childOf(id, chapter)] : [])),
  )
}

export function effectsOf({ ids, chapters }: Plan): number {
  return sum(ids.flatMap((id) => numbers(chapters).map((chapter) => EFFECTS[kindOf(id, chapter)])))
}

/** What each effect answers is the number of its chapter, from 1. */
export function expected(id: string, chapters: number): Expected {
  const kinds = numbers(chapters).map((chapter) => kindOf(id, chapter))
  return {
    result: {
      chapters: numbers(chapters),
      total: sum(kinds.map((kind, chapter) => (chapter + 1) * EFFECTS[kind])),
    },
    // A child tells its parent of itself.
    signals: kinds.flatMap((kind, chapter) =>
      kind === 'child' ? [signalIdOf(chapter), 'child'] : [signalIdOf(chapter)],
    ),
  }
}

export function signalIdOf(chapter: number): string {
  return `chapter-${chapter}`
}

export function numbers(below: number): number[] {
  return Array.from({ length: below }, (_, number) => number)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
