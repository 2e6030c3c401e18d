/** What goes wrong in a simulated world: each kind by a chance of its own, and each fault by the seed. */
import { connectionLost } from '../../testing/simulated/faults.ts'
import type { CallFate, Fate, Faults, Party } from '../../testing/simulated/faults.ts'
import type { Random } from './random.ts'

const FAULT_KINDS = [
  'commit fails',
  'request lost',
  'answer lost',
  'call slow',
  'send fails',
  'send unheard',
  'message lost',
  'message twice',
  'message late',
  'message dead',
  'crash',
  'crash undone',
  'worker lost',
  'alarm late',
  'eviction',
  'clock jumps',
  'deploy',
  'deploy breaks',
  'bucket fails',
  'bucket unheard',
  'sink fails',
] as const
/** Of worlds that have an archiver. */
export const ARCHIVER_KINDS = ['archiver lost', 'lease lost'] as const
/** What loses the memory of a shard. */
export const LOSSES = ['crash', 'crash undone', 'eviction', 'deploy'] as const
export type FaultKind = (typeof FAULT_KINDS)[number] | (typeof ARCHIVER_KINDS)[number]

/** Plain, so that it can be printed and cut down. */
export interface FaultPlan {
  /** From 0 to 1: of each occasion; of what happens by the clock, of each second. Absent: never. */
  readonly chances: Readonly<Partial<Record<FaultKind, number>>>
  /** Things that are ready at the same time happen in any order. */
  readonly shuffled: boolean
  /** The largest jump of a clock. */
  readonly jumpMs: number
  /** Faults that are left out, as `fired` names them. */
  readonly without?: readonly string[]
}

export const NO_FAULTS: FaultPlan = { chances: {}, shuffled: false, jumpMs: 0 }

/** The most of each kind's chance: what a world still gets through. */
const MOST: Record<FaultKind, number> = {
  'commit fails': 0.08,
  'request lost': 0.08,
  'answer lost': 0.08,
  'call slow': 0.2,
  'send fails': 0.2,
  'send unheard': 0.2,
  'message lost': 0.2,
  'message twice': 0.3,
  'message late': 0.3,
  'message dead': 0.2,
  crash: 0.02,
  'crash undone': 0.02,
  'worker lost': 0.03,
  'alarm late': 0.3,
  eviction: 0.1,
  'clock jumps': 0.1,
  deploy: 0.03,
  'deploy breaks': 0.02,
  'bucket fails': 0.2,
  'bucket unheard': 0.2,
  'sink fails': 0.3,
  'archiver lost': 0.03,
  'lease lost': 0.8,
}

/** Each world has some of the kinds only, so that none hides what another would show. */
export function planOf(random: Random): FaultPlan {
  const some = random.next()
  const chosen = FAULT_KINDS.filter(() => random.chance(some))
  const chances = Object.fromEntries(chosen.map((kind) => [kind, MOST[kind] * random.next()]))
  return { chances, shuffled: random.chance(0.7), jumpMs: random.pick([50, 1_000, 5_000]) }
}

/** The same, and most of these kinds besides where anything goes wrong. */
export function withMore(plan: FaultPlan, kinds: readonly FaultKind[], random: Random): FaultPlan {
  const faulty = Object.keys(plan.chances).length > 0
  const chosen = kinds.filter(() => faulty && random.chance(0.7))
  const chances = Object.fromEntries(chosen.map((kind) => [kind, MOST[kind] * random.next()]))
  return { ...plan, chances: { ...plan.chances, ...chances } }
}

const LONGEST_CALL_MS = 3_000
const LONGEST_WAIT_MS = 20_000
/** A world that is lost again and again gets nowhere. */
const MOST_CRASHES = 40

export class SeededFaults implements Faults {
  readonly #plan: FaultPlan
  readonly #draws: ReadonlyMap<FaultKind, Random>
  readonly #without: ReadonlySet<string>
  readonly #asked = new Map<FaultKind, number>()
  readonly #skews = new Map<string, number>()
  readonly #trace: (line: string, detail?: unknown) => void
  #calm = false
  /** What has gone wrong, in order. */
  readonly fired: string[] = []
  readonly counts = new Map<FaultKind, number>()
  /** Hears of each as it comes. */
  onStrike: (kind: FaultKind) => void = () => {}
  /** Places at which something was lost, and how often. */
  readonly crashPoints = new Map<string, number>()

  constructor(plan: FaultPlan, random: Random, trace: (line: string, detail?: unknown) => void) {
    this.#plan = plan
    this.#trace = trace
    this.#without = new Set(plan.without)
    this.#draws = new Map([...FAULT_KINDS, ...ARCHIVER_KINDS].map((kind) => [kind, random.fork(kind)]))
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    this.#calm = true
    this.#skews.clear()
  }

  /** It does again: what does not come by the clock. */
  storm(): void {
    this.#calm = false
  }

  /** Whether a fault of the kind comes now. */
  strikes(kind: FaultKind): boolean {
    const chance = this.#plan.chances[kind] ?? 0
    if (chance === 0 || this.#calm) return false
    const asked = (this.#asked.get(kind) ?? 0) + 1
    this.#asked.set(kind, asked)
    if (!this.#drawOf(kind).chance(chance)) return false
    const name = `${kind} ${asked}`
    if (this.#without.has(name)) return false
    this.fired.push(name)
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    this.#trace(name)
    this.onStrike(kind)
    return true
  }

  /** A draw of the kind's own: a whole number from [0, below). */
  draw(kind: FaultKind, below: number): number {
    return this.#drawOf(kind).int(below)
  }

  at(place: string, party: Party | null, detail?: unknown): void {
    this.#trace(`${place} ${party?.name ?? ''}`, detail)
    if (!party || party.lost) return
    if (party.name.startsWith('worker')) {
      if (this.strikes('worker lost')) this.#lose(party, `worker ${place}`, true)
      return
    }
    if (party.name === 'archiver') {
      if (this.strikes('archiver lost')) this.#lose(party, `archiver ${place}`, true)
      return
    }
    if ((this.counts.get('crash') ?? 0) + (this.counts.get('crash undone') ?? 0) >= MOST_CRASHES) return
    if (this.strikes('crash')) this.#lose(party, place, true)
    else if (this.strikes('crash undone')) this.#lose(party, place, false)
  }

  call(_method: string, _from: Party | null): CallFate {
    const slow = this.strikes('call slow')
    const ms = (): number => (slow ? this.draw('call slow', LONGEST_CALL_MS) : 0)
    const fate = this.#fate('request lost', 'answer lost')
    return { fate, requestMs: ms(), replyMs: ms() }
  }

  commitFails(): boolean {
    return this.strikes('commit fails')
  }

  send(queue: string): Fate {
    if (queue === 'cdc' && this.strikes('sink fails')) return 'not_done'
    return this.#fate('send fails', 'send unheard')
  }

  /** What a Queue has taken of change events it delivers: nobody sends them again. */
  copies(queue: string): readonly number[] {
    if (queue !== 'cdc' && this.strikes('message lost')) return []
    const late = (): number => (this.strikes('message late') ? this.draw('message late', LONGEST_WAIT_MS) : 0)
    return this.strikes('message twice') ? [late(), late()] : [late()]
  }

  dead(queue: string): boolean {
    return queue !== 'cdc' && this.strikes('message dead')
  }

  alarmLateMs(): number {
    return this.strikes('alarm late') ? this.draw('alarm late', LONGEST_CALL_MS) : 0
  }

  skewMs(name: string): number {
    return this.#skews.get(name) ?? 0
  }

  jump(name: string): void {
    const { jumpMs } = this.#plan
    this.#skews.set(name, this.draw('clock jumps', 2 * jumpMs + 1) - jumpMs)
  }

  /** Around what is asked of R2. */
  async bucket<T>(ask: () => Promise<T>): Promise<T> {
    const fate = this.#fate('bucket fails', 'bucket unheard')
    if (fate === 'not_done') throw connectionLost()
    const answer = await ask()
    if (fate === 'done_unheard') throw connectionLost()
    return answer
  }

  #fate(lost: FaultKind, unheard: FaultKind): Fate {
    if (this.strikes(lost)) return 'not_done'
    return this.strikes(unheard) ? 'done_unheard' : 'done'
  }

  #lose(party: Party, place: string, kept: boolean): void {
    this.crashPoints.set(place, (this.crashPoints.get(place) ?? 0) + 1)
    party.lose('the process was lost', kept)
  }

  #drawOf(kind: FaultKind): Random {
    const random = this.#draws.get(kind)
    if (random) return random
    throw new Error(`no draws of ${kind}`)
  }
}
