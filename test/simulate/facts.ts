/** What has been done to a workflow, and what may have been: an action whose answer was lost may have happened. */
import type { Instruction, Program, SignalName } from './instructions.ts'
import type { Answer } from './observations.ts'
import type { Action, Scenario, StartFacts } from './scenario.ts'

export interface Facts {
  /** Whether messages, memory and answers were lost: attempts that were made may not count, and others may. */
  readonly faulty: boolean
  /** Payloads that clients may have sent, by the name of the signal: each once. */
  readonly signals: ReadonlyMap<SignalName, readonly string[]>
  /** Payloads that other workflows may have sent, each as often as its sender has run. */
  readonly external: ReadonlyMap<SignalName, readonly string[]>
  /** How many it has been sent for certain. */
  readonly accepted: ReadonlyMap<SignalName, number>
  readonly cancel: boolean
  readonly terminate: boolean
  readonly paused: boolean
  /** Whether its code may have begun more than once. */
  readonly again: boolean
  /** How often clients may have started the id. */
  readonly starts: number
  /** Of another workflow of the scenario. */
  readonly of: (workflowId: string) => Facts
}

/** Answers by the place of the action in the scenario. */
export type Answers = ReadonlyMap<number, Answer>

export function factsOf(
  scenario: Scenario,
  answers: Answers,
  about: { workflowId: string; faulty: boolean },
): Facts {
  const { workflowId, faulty } = about
  const happened = possible(scenario, answers).filter(({ action }) => concerns(action, workflowId))
  const calls = [...programs(scenario)].flatMap((program) => [...instructions(program)])
  const external = new Map<SignalName, string[]>()
  const signals = new Map<SignalName, string[]>()
  const accepted = new Map<SignalName, number>()
  for (const one of calls)
    if (one.do === 'external_signal' && one.to === workflowId) push(external, one.name, one.payload)
  for (const { action, certain } of happened) {
    if (action.kind !== 'signal' && action.kind !== 'signal_with_start') continue
    push(signals, action.name, action.payload)
    if (certain) accepted.set(action.name, (accepted.get(action.name) ?? 0) + 1)
  }
  const kinds = happened.map(({ action }) => action.kind)
  const starts = happened.flatMap(({ action }) => (isStart(action) ? [action] : []))
  return {
    faulty,
    signals,
    external,
    accepted,
    cancel:
      kinds.includes('cancel') || calls.some((one) => one.do === 'external_cancel' && one.to === workflowId),
    terminate:
      kinds.includes('terminate') || starts.some(({ idConflict }) => idConflict === 'terminate-existing'),
    paused: kinds.includes('pause'),
    again: kinds.includes('reset'),
    starts: starts.length,
    of: (other) => factsOf(scenario, answers, { workflowId: other, faulty }),
  }
}

/** Of a workflow that no client knows of; those that it asks for may be known to others. */
export function untouched(faulty: boolean, of: Facts['of'] = (): Facts => untouched(faulty)): Facts {
  return {
    faulty,
    signals: new Map(),
    external: new Map(),
    accepted: new Map(),
    cancel: false,
    terminate: false,
    paused: false,
    again: false,
    starts: 1,
    of,
  }
}

export function isStart(
  action: Action,
): action is Action & { kind: 'start' | 'signal_with_start' } & StartFacts {
  return action.kind === 'start' || action.kind === 'signal_with_start'
}

/** Every program of a scenario, those of children and successors included. */
export function* programs(scenario: Scenario): Generator<Program> {
  for (const action of scenario.actions) if ('program' in action) yield* family(action.program)
}

function* family(program: Program): Generator<Program> {
  yield program
  if (program.next) yield* family(program.next)
  for (const one of instructions(program)) if (one.do === 'child') yield* family(one.program)
}

/** Every instruction of a program itself. */
export function* instructions(program: Program): Generator<Instruction> {
  for (const instruction of program.body) yield* within(instruction)
}

function* within(instruction: Instruction): Generator<Instruction> {
  yield instruction
  if ('parts' in instruction) for (const part of instruction.parts) yield* within(part)
  if ('part' in instruction) yield* within(instruction.part)
}

function possible({ actions }: Scenario, answers: Answers): { action: Action; certain: boolean }[] {
  return actions.flatMap((action, index) => {
    const answer = answers.get(index)
    return answer?.kind === 'refused' ? [] : [{ action, certain: answer?.kind === 'accepted' }]
  })
}

function concerns(action: Action, workflowId: string): boolean {
  return 'workflowId' in action && action.workflowId === workflowId
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  lists.set(key, [...(lists.get(key) ?? []), value])
}
