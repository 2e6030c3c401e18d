/**
 * How a run may end, from its program and from what was done to it. Exactly one way where nothing races: every other one
 * has a reason here.
 *
 * R1 It knows nothing of the engine: neither its events nor its code.
 * R2 A fault may delay, repeat and lose attempts; it never changes what a limitless retry gives in the end.
 */
import { instructions, untouched } from './facts.ts'
import type { Facts } from './facts.ts'
import type { ActivityWork, ChildCall, Instruction, Program, SignalName, StepWork } from './instructions.ts'
import { fits, is, NOTHING, oneOf } from './pattern.ts'
import type { Pattern } from './pattern.ts'
import type { Ended } from './observations.ts'
import type { StartFacts } from './scenario.ts'

type Failing = 'failed' | 'cancelled' | 'terminated' | 'timed_out'

export interface Outcomes {
  /** What it may complete with. */
  readonly completed: Pattern
  readonly others: ReadonlySet<Failing>
  /** Whether it may wait for ever, for something that nobody does. */
  readonly open: boolean
}

export type StartRules = Pick<StartFacts, 'retryRuns' | 'executionTimeoutMs' | 'runTimeoutMs'>

/** Of the program, and, by the ids of theirs, of the children that it asks for. */
export interface Told extends Outcomes {
  readonly children: ReadonlyMap<string, Outcomes>
}

export function outcomesOf(program: Program, facts: Facts, rules: StartRules = {}): Told {
  const children = new Map<string, Outcomes>()
  return { ...outcomesIn(program, { facts, rules, children }), children }
}

interface Start {
  readonly facts: Facts
  readonly rules: StartRules
  /** Where what is found out of children is noted. */
  readonly children: Map<string, Outcomes>
}

function outcomesIn(program: Program, { facts, rules, children }: Start): Outcomes {
  const { retryRuns = 1, executionTimeoutMs, runTimeoutMs } = rules
  const timed = executionTimeoutMs !== undefined || runTimeoutMs !== undefined
  const others = new Set<Failing>()
  if (facts.cancel) others.add('cancelled')
  if (facts.terminate) others.add('terminated')
  if (timed) others.add('timed_out')
  // A run that fails after its timeout has used up attempts of its retry policy, or was cancelled, is told as failed.
  const chain = generations(program)
  const endures = chain.every(({ failsRuns }) => failsRuns < retryRuns)
  const fails = chain.some(({ failsRuns }) => failsRuns > 0) && (timed || facts.cancel)
  if (!endures || fails) others.add('failed')
  const disturbed = others.size > 0 || retryRuns > 1 || facts.paused
  const context = { facts, disturbed, contested: false, children, chained: chain.length > 1 }
  const bodies = chain.map((one) => bodyOf(one, context))
  const completed: Pattern = endures ? { list: bodies.map(({ pattern }) => pattern) } : NOTHING
  return { completed, others, open: facts.paused || bodies.some(({ stuck }) => stuck) }
}

export function permits({ completed, others, open }: Outcomes, ended: Ended | null): boolean {
  if (ended === null) return open
  if (ended.status === 'completed') return fits(completed, ended.result)
  return [...others].some((status) => status === ended.status)
}

function generations(program: Program): Program[] {
  return program.next ? [program, ...generations(program.next)] : [program]
}

interface Context {
  readonly facts: Facts
  readonly children: Map<string, Outcomes>
  /** Whether the run may end before its body does. */
  readonly disturbed: boolean
  /** Whether what waits here may be given up while the run goes on. */
  readonly contested: boolean
  /** Whether runs of the same chain may take what this one waits for. */
  readonly chained: boolean
}

interface Expected {
  readonly pattern: Pattern
  /** Whether it may never come. */
  readonly stuck: boolean
}

const expected = (pattern: Pattern, stuck = false): Expected => ({ pattern, stuck })

function bodyOf(program: Program, context: Context): Expected {
  const { body, handles } = program
  const seen = body.map((one) => expectedOf(one, { program, ...context }))
  const pattern: Pattern = {
    fields: {
      program: is(program.id),
      seen: { list: seen.map((one) => one.pattern) },
      handled: messagesOf(context.facts, handles, Infinity),
    },
  }
  return expected(
    pattern,
    seen.some(({ stuck }) => stuck),
  )
}

function messagesOf(facts: Facts, names: readonly SignalName[], atMost: number) {
  const some = names.flatMap((name) => facts.signals.get(name) ?? [])
  return { some, others: names.flatMap((name) => facts.external.get(name) ?? []), atMost }
}

type Place = Context & { readonly program: Program }

function expectedOf(instruction: Instruction, place: Place): Expected {
  switch (instruction.do) {
    case 'activity':
      return expected(workOf(instruction, place, timingOf(instruction)))
    case 'step':
      return expected(workOf(instruction, place, 'in time'))
    case 'sleep':
      return expected(is('slept'))
    case 'signal':
      return signalOf(instruction, place)
    case 'collect': {
      const { name, count } = instruction
      return expected(messagesOf(place.facts, [name], count))
    }
    case 'condition':
      return expected(conditionOf(instruction, place))
    case 'child':
      return childOf(instruction, place)
    case 'external_signal':
    case 'external_cancel':
      return expected(oneOf(is('sent'), is('error: workflow_not_found'), is('error: workflow_closed')))
    case 'patched':
      return expected(is(true))
    case 'memo':
    case 'attribute':
    case 'compensate':
      return expected(is(null))
    default:
      return groupOf(instruction, place)
  }
}

type Timing = 'in time' | 'late' | 'either'

/** Deadlines are looked at about once a second. */
const MARGIN_MS = 3_000

function timingOf({ takesMs = 0, handedOverMs, startToCloseMs, heartbeatMs }: ActivityWork): Timing {
  const limitMs = Math.min(startToCloseMs ?? Infinity, heartbeatMs ?? Infinity)
  if (handedOverMs !== undefined) return limitMs === Infinity ? 'in time' : 'either'
  if (takesMs + MARGIN_MS < limitMs || takesMs === 0) return 'in time'
  return takesMs > limitMs + MARGIN_MS ? 'late' : 'either'
}

const FAILED = is('error: activity_failed')

function workOf(work: StepWork | ActivityWork, { facts, contested }: Place, timing: Timing): Pattern {
  const { key, fails, maxAttempts = Infinity, fatal = false, cancellation = 'wait' } = work
  const { faulty, cancel } = facts
  const fatally = fatal && fails > 0
  // An end that comes late may be taken up by an object that has lost when the attempt began.
  const never = fails >= maxAttempts || (!faulty && (timing === 'late' || fatally))
  if (never) return FAILED
  // A cancel that waits for the end of an attempt makes that one the last.
  const cut = cancellation === 'wait' && (cancel || contested)
  const whole = !faulty && timing === 'in time' && !(cut && fails > 0)
  const surely = !fatally && (whole || (maxAttempts === Infinity && !cut))
  return surely ? is(key) : oneOf(is(key), FAILED)
}

function signalOf(
  wait: Extract<Instruction, { do: 'signal' }>,
  { facts, program, ...context }: Place,
): Expected {
  const { name, timeoutMs } = wait
  const { some, others } = messagesOf(facts, [name], 1)
  const payloads = oneOf(...[...some, ...others].map(is))
  if (timeoutMs !== undefined) return expected(oneOf(payloads, is(null)))
  const enough = (facts.accepted.get(name) ?? 0) >= takers(program, name)
  const alone = facts.starts === 1 && !facts.again && !context.disturbed && !context.chained
  return expected(payloads, !enough || !alone)
}

/** How many signals of that name the program may take. */
function takers(program: Program, name: SignalName): number {
  if (program.handles.includes(name)) return Infinity
  let most = 0
  for (const one of instructions(program)) {
    if (one.do === 'signal' && one.name === name) most += 1
    if (one.do === 'collect' && one.name === name) most += one.count
  }
  return most
}

function conditionOf(
  { handled }: Extract<Instruction, { do: 'condition' }>,
  { facts, program }: Place,
): Pattern {
  if (handled === 0) return is(true)
  const { some, others } = messagesOf(facts, program.handles, handled)
  return others.length === 0 && some.length < handled ? is(false) : oneOf(is(true), is(false))
}

/** A child is told to end by its parent's end, or by the end of the scope that waits for it. */
function childOf(call: ChildCall, place: Place): Expected {
  const { facts, disturbed, contested, children } = place
  const { policy, cancellation, workflowId, until } = call
  const loose = disturbed || contested || facts.again || until !== 'ended'
  const own = workflowId === undefined ? untouched(facts.faulty, facts.of) : facts.of(workflowId)
  const facing: Facts = {
    ...own,
    cancel: own.cancel || (loose && (policy === 'cancel' || cancellation !== 'abandon')),
    terminate: own.terminate || (loose && policy === 'terminate'),
    again: own.again || facts.again,
  }
  const outcomes = outcomesIn(call.program, { facts: facing, rules: call, children })
  children.set(call.program.id, outcomes)
  if (until === 'asked') return expected(is('asked'))
  // Its id may be that of another one, or of its own from before its parent began again.
  const refused = workflowId === undefined ? NOTHING : is('error: workflow_already_started')
  if (until === 'started') return expected(oneOf(is('started'), refused))
  const failed = outcomes.others.size > 0 ? is('error: child_failed') : NOTHING
  return expected(oneOf(outcomes.completed, failed, refused), outcomes.open)
}

type Group = Extract<Instruction, { do: 'all' | 'race' | 'shield' | 'scope' | 'cancel_scope' }>

function groupOf(group: Group, place: Place): Expected {
  switch (group.do) {
    case 'all':
    case 'shield':
      return together(group.parts, place)
    case 'race': {
      const parts = group.parts.map((part) => expectedOf(part, { ...place, contested: true }))
      return expected(
        oneOf(...parts.map(({ pattern }) => pattern)),
        parts.every(({ stuck }) => stuck),
      )
    }
    case 'scope': {
      const whole = together(group.parts, { ...place, contested: true })
      const waits = group.parts.some(takesTime)
      // What cannot be cancelled is waited for all the same.
      return expected(oneOf(whole.pattern, waits ? is('error: timeout') : NOTHING), whole.stuck)
    }
    default: {
      const part = expectedOf(group.part, { ...place, contested: true })
      return expected(oneOf(part.pattern, takesTime(group.part) ? is('cancelled') : NOTHING), part.stuck)
    }
  }
}

function together(parts: readonly Instruction[], place: Place): Expected {
  const all = parts.map((part) => expectedOf(part, place))
  return expected(
    { list: all.map(({ pattern }) => pattern) },
    all.some(({ stuck }) => stuck),
  )
}

const AT_ONCE: ReadonlySet<Instruction['do']> = new Set(['patched', 'memo', 'attribute', 'compensate'])

function takesTime(instruction: Instruction): boolean {
  if ('parts' in instruction) return instruction.parts.some(takesTime)
  if ('part' in instruction) return takesTime(instruction.part)
  return !AT_ONCE.has(instruction.do)
}
