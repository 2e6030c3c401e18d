/** A case that fails, made as short as it can be within the time: with fewer faults, and fewer actions. */
import type { SeedReport } from '../../scripts/simulate/report.ts'
import { run } from './run.ts'
import type { Case } from './run.ts'

const BUDGET_MS = 20_000

type Shortest = NonNullable<SeedReport['shortest']>

export async function shortest(one: Case, fired: readonly string[]): Promise<Shortest> {
  const until = performance.now() + BUDGET_MS
  const { actions } = one.scenario
  let failure = ''
  const fails = async (without: readonly string[], kept: readonly number[]): Promise<boolean> => {
    const report = await run(cut(one, without, kept))
    if (report.failure !== null) failure = report.failure
    return report.failure !== null
  }
  let kept: readonly number[] = [...actions.keys()]
  let without: readonly string[] = one.faults.without ?? []
  // In turn: with fewer actions other faults are needless.
  kept = await least(kept, (some) => fails(without, some), until)
  const needed = await least(fired, (some) => fails(others(fired, some, without), kept), until)
  without = others(fired, needed, without)
  kept = await least(kept, (some) => fails(without, some), until)
  const last = await run(cut(one, without, kept))
  return {
    failure: last.failure ?? failure,
    actions: kept.map((at) => JSON.stringify(actions[at])),
    command: commandOf(one, { without, kept }),
  }
}

function others(fired: readonly string[], some: readonly string[], before: readonly string[]): string[] {
  return [...new Set([...before, ...fired.filter((fault) => !some.includes(fault))])]
}

function cut(one: Case, without: readonly string[], kept: readonly number[]): Case {
  const actions = one.scenario.actions.filter((_, at) => kept.includes(at))
  return { ...one, scenario: { ...one.scenario, actions }, faults: { ...one.faults, without } }
}

function commandOf(
  { seed, scenario }: Case,
  to: { without: readonly string[]; kept: readonly number[] },
): string {
  const actions = to.kept.length < scenario.actions.length ? ` --actions ${to.kept.join(',')}` : ''
  const without = to.without.length > 0 ? ` --without '${to.without.join(',')}'` : ''
  return `npm run simulate -- --seed ${seed}${actions}${without}`
}

/** Delta debugging: halves, then quarters, and so on are left out, as long as it fails without them. */
async function least<T>(
  items: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
  until: number,
): Promise<readonly T[]> {
  let left = items
  for (let parts = 2; left.length > 0;) {
    const size = Math.ceil(left.length / parts)
    const smaller = await firstThatFails(left, size, { fails, until })
    if (performance.now() > until) return smaller ?? left
    if (smaller) left = smaller
    else if (size === 1) return left
    else parts = Math.min(left.length, parts * 2)
  }
  return left
}

async function firstThatFails<T>(
  items: readonly T[],
  size: number,
  { fails, until }: { fails: (some: readonly T[]) => Promise<boolean>; until: number },
): Promise<readonly T[] | null> {
  for (let at = 0; at < items.length && performance.now() <= until; at += size) {
    const rest = [...items.slice(0, at), ...items.slice(at + size)]
    if (await fails(rest)) return rest
  }
  return null
}
