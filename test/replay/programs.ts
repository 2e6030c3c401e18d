/** Random workflows, as data: what a run of one does, and what may happen to it. */
import type { Input } from '../../shared/core/inputs.ts'
import { signal, workflow } from '../../shared/define.ts'
import { failure } from '../core/runs.ts'
import { completed } from './driver.ts'
import type { Ctx, Run } from './driver.ts'

type Draw = () => number

const CALLS = [
  'activity',
  'step',
  'timer',
  'signal',
  'condition',
  'child',
  'external',
  'draw',
  'patch',
] as const
const GROUPS = ['seq', 'all', 'race', 'scope', 'shield'] as const

export type Program =
  | { kind: (typeof CALLS)[number]; name: 'a' | 'b'; option: number }
  | { kind: (typeof GROUPS)[number]; parts: Program[]; option: number }

function pick<T>(draw: Draw, list: readonly T[]): T {
  return list[Math.floor(draw() * list.length)]! // draw is below 1 and no list here is empty
}

export function randomProgram(draw: Draw, depth = 3): Program {
  if (depth === 0 || draw() < 0.35)
    return { kind: pick(draw, CALLS), name: pick(draw, ['a', 'b'] as const), option: Math.floor(draw() * 4) }
  const parts = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => randomProgram(draw, depth - 1))
  return { kind: pick(draw, GROUPS), parts, option: Math.floor(draw() * 4) }
}

const signals = { a: signal('a'), b: signal('b') }
const part = workflow('part', async () => {})

/** Runs any program, and gives what it saw: values, errors, the run's clock and its random numbers. */
export const interpreter = workflow('interpreter', async (ctx, program: Program) => {
  const seen: unknown[] = []
  await perform(ctx, program, seen)
  return seen
})

async function perform(ctx: Ctx, program: Program, seen: unknown[]): Promise<void> {
  try {
    const value = 'parts' in program ? await group(ctx, program, seen) : await call(ctx, program, seen)
    seen.push([program.kind, value ?? null, ctx.now().getTime(), ctx.random()])
  } catch (error) {
    seen.push([program.kind, error instanceof Error ? error.name : 'thrown', ctx.now().getTime()])
    if (program.option === 0) throw error
  }
}

type GroupOf = Extract<Program, { parts: Program[] }>

async function group(ctx: Ctx, { kind, parts, option }: GroupOf, seen: unknown[]): Promise<unknown> {
  const each = () => parts.map((one) => perform(ctx, one, seen))
  switch (kind) {
    case 'seq':
      for (const one of parts) await perform(ctx, one, seen)
      return undefined
    case 'all':
      return Promise.all(each())
    case 'race':
      return ctx.scope(() => Promise.race(each()))
    case 'scope':
      return ctx.scope(
        async (scope) => {
          const stop = () => scope.cancel('b')
          if (option === 1) void ctx.waitForSignal('b').then(stop, () => {})
          await Promise.all(each())
        },
        option > 1 ? { timeout: option * 1_000 } : {},
      )
    default:
      return ctx.shield(() => Promise.all(each()))
  }
}

type CallOf = Exclude<Program, GroupOf>

async function call(ctx: Ctx, { kind, name, option }: CallOf, seen: unknown[]): Promise<unknown> {
  const cancellation = (['wait', 'try', 'abandon'] as const)[option] ?? 'wait'
  switch (kind) {
    case 'activity':
      return ctx.activity(name, { cancellation })
    case 'step':
      // The calls of what is recorded already were told to try.
      return ctx.run(name, () => 1, { cancellation: (['wait', 'abandon'] as const)[option] ?? 'try' })
    case 'timer':
      return ctx.sleep(option * 1_000)
    case 'signal':
      if (option < 2) return ctx.waitForSignal(signals[name])
      return ctx.waitForSignal(signals[name], { timeout: option * 1_000, default: 'none' })
    case 'condition': {
      const goal = seen.length + option
      return ctx.condition(() => seen.length >= goal, 3_000)
    }
    case 'child':
      return ctx.executeChild(part, {
        input: undefined,
        cancellation: option === 3 ? 'wait-requested' : cancellation,
      })
    case 'external':
      return option > 1 ? ctx.external('other').cancel() : ctx.external('other').signal(signals[name])
    case 'draw':
      return [ctx.random(), ctx.uuid(), ctx.currentStep]
    default:
      return ctx.patched(name)
  }
}

/** Something that may happen to the run next; what it answers may no longer be open when it comes. */
export function randomInput(run: Run, draw: Draw): Input {
  const { activities, steps, timers, children, externals } = run.state
  const failed = { kind: 'failed', error: failure } as const
  const message: Input = {
    type: 'signal_workflow',
    name: pick(draw, ['a', 'b']),
    signalId: `s-${draw()}`,
    payload: 1,
  }
  const inputs: Input[] = [
    ...[...activities.keys(), ...steps.keys()].map((seq) => completed(run.state, seq, seq)),
    ...Array.from(activities.keys(), (seq): Input => ({
      type: 'resolve_activity',
      seq,
      attempt: 2,
      end: pick(draw, [failed, { kind: 'cancelled' }, { kind: 'timed_out', timeout: 'heartbeat' }] as const),
    })),
    ...Array.from(steps.keys(), (seq): Input => ({
      type: 'resolve_step',
      seq,
      attempt: 1,
      end: pick(draw, [failed, { kind: 'cancelled' }] as const),
    })),
    ...Array.from(timers.keys(), (seq): Input => ({ type: 'fire_timer', seq })),
    ...Array.from(children, ([seq, { started }]): Input =>
      started || draw() < 0.3
        ? {
            type: 'close_child',
            seq,
            status: pick(draw, ['completed', 'failed', 'cancelled']),
            error: failure,
          }
        : { type: 'confirm_child', seq, runId: `r-${seq}`, shard: 0 },
    ),
    ...Array.from(children.keys(), (seq): Input => ({ type: 'refuse_child', seq, error: failure })),
    ...Array.from(externals, ([seq, what]): Input => ({
      type: 'resolve_external',
      seq,
      what,
      ...(draw() < 0.3 && { error: failure }),
    })),
    message,
    ...(draw() < 0.06 ? [{ type: 'request_cancel' } as const] : []),
  ]
  return pick(draw, inputs)
}
