/** The workflow that carries out any program, and the activity that does its work. */
import type { ActivityContext, StepContext } from '../../shared/activity.ts'
import type { WorkflowContext } from '../../shared/context.ts'
import { defineActivity, query, update, workflow } from '../../shared/define.ts'
import { ApplicationError, CancelledError, WorkflowError } from '../../shared/errors.ts'
import type { Effect, Effects } from './effects.ts'
import type { ActivityWork, Instruction, Program, StepWork, Work } from './instructions.ts'

/** What an instruction gives, and what a run does. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

export interface ProgramInput {
  readonly program: Program
  /** Results of the runs that continued as this one. */
  readonly before: readonly Value[]
}

/** How much of its history a run has heard of. */
export const progress = query<{ runId: string; events: number }>('progress')
/** What the handler of `add` throws at; its validator does not. */
const UNLUCKY = 5
export const add = update<number, [number]>('add')

type Scripted = ReturnType<typeof scripted>

/** The definitions that a simulated world runs; what they do outside is done in `effects`. */
export function scripted(effects: Effects) {
  const perform = defineActivity('perform', (work: ActivityWork, ctx) => performActivity(effects, work, ctx))
  const brief = defineActivity('brief', (work: ActivityWork, ctx) => performActivity(effects, work, ctx))
  const run = workflow('run', async (ctx, input: ProgramInput): Promise<Value> =>
    new Interpreter(ctx, input, { effects, perform, brief, run }).run(),
  )
  return { workflows: [run], activities: [perform, brief], run, perform, brief, effects }
}

async function performActivity(effects: Effects, work: ActivityWork, ctx: ActivityContext): Promise<string> {
  const { idempotencyKey, attempt, cancellation } = ctx
  const { key, concurrencyKey } = work
  const keyed = concurrencyKey === undefined ? {} : { concurrencyKey }
  const effect = effects.begin({ kind: 'activity', key, idempotencyKey, attempt, ...keyed })
  if (work.handedOverMs !== undefined && attempt > work.fails) {
    effects.hand(effect, ctx.taskToken, work.handedOverMs)
    return ctx.completeLater()
  }
  if (work.heartbeatMs !== undefined) await ctx.heartbeat(attempt)
  return await done(effects, effect, { work, cancellation })
}

interface Job {
  readonly work: Work & { readonly takesMs?: number }
  readonly cancellation: AbortSignal
}

async function done(effects: Effects, effect: Effect, { work, cancellation }: Job): Promise<string> {
  try {
    await effects.work(work.takesMs ?? 0, cancellation)
  } catch (error) {
    effects.end(effect, 'stopped')
    throw error
  }
  const succeeds = effect.attempt > work.fails
  effects.end(effect, succeeds ? 'completed' : 'failed')
  if (succeeds) return work.key
  throw new ApplicationError(`attempt ${effect.attempt} of ${work.key}`, {
    nonRetryable: work.fatal ?? false,
  })
}

interface Means {
  readonly effects: Effects
  readonly perform: Scripted['perform']
  readonly brief: Scripted['brief']
  readonly run: Scripted['run']
}

class Interpreter {
  readonly #ctx: WorkflowContext
  readonly #input: ProgramInput
  readonly #means: Means
  readonly #handled: string[] = []
  #added = 0

  constructor(ctx: WorkflowContext, input: ProgramInput, means: Means) {
    this.#ctx = ctx
    this.#input = input
    this.#means = means
  }

  async run(): Promise<Value> {
    const ctx = this.#ctx
    const { program, before } = this.#input
    this.#listen()
    try {
      const seen: Value[] = []
      for (const instruction of program.body) seen.push(await this.#perform(instruction))
      if (ctx.attempt <= program.failsRuns) throw new ApplicationError(`run ${ctx.attempt} of ${program.id}`)
      const result = { program: program.id, seen, handled: this.#handled }
      if (!program.next) return [...before, result]
      return ctx.continueAsNew({ program: program.next, before: [...before, result] })
    } catch (error) {
      if (program.cleansUp && error instanceof CancelledError)
        await ctx.shield(() => this.#activity({ key: `${program.id} cleaned up`, fails: 0 }))
      throw error
    }
  }

  #listen(): void {
    const ctx = this.#ctx
    const { handles, updateSleepsMs } = this.#input.program
    ctx.setQueryHandler(progress, () => ({ runId: ctx.runId, events: ctx.history.events }))
    for (const name of handles)
      ctx.setSignalHandler<string>(name, (payload) => void this.#handled.push(payload))
    ctx.setUpdateHandler(
      add,
      async (n) => {
        this.#added += n
        const sum = this.#added
        if (updateSleepsMs > 0) await ctx.sleep(updateSleepsMs)
        if (n === UNLUCKY) throw new ApplicationError(`${n} cannot be added`)
        return sum
      },
      {
        validate: (n) => {
          if (n < 0) throw new ApplicationError('less than nothing cannot be added')
        },
      },
    )
  }

  /** Failures are values here; a cancel is not. */
  async #perform(instruction: Instruction): Promise<Value> {
    try {
      return await this.#value(instruction)
    } catch (error) {
      if (error instanceof CancelledError || !(error instanceof WorkflowError)) throw error
      return `error: ${error.code}`
    }
  }

  async #value(instruction: Instruction): Promise<Value> {
    const ctx = this.#ctx
    switch (instruction.do) {
      case 'activity':
        return await this.#activity(instruction)
      case 'step':
        return await this.#step(instruction)
      case 'sleep':
        await ctx.sleep(instruction.ms)
        return 'slept'
      case 'child':
        return await this.#child(instruction)
      case 'external_signal':
        await ctx.external(instruction.to).signal(instruction.name, instruction.payload)
        return 'sent'
      case 'external_cancel':
        await ctx.external(instruction.to).cancel()
        return 'sent'
      case 'signal':
      case 'collect':
      case 'condition':
        return await this.#wait(instruction)
      case 'patched':
      case 'memo':
      case 'attribute':
      case 'compensate':
        return this.#note(instruction)
      default:
        return await this.#group(instruction)
    }
  }

  async #activity({ key, ...rest }: ActivityWork): Promise<string> {
    const { maxAttempts, startToCloseMs, heartbeatMs, cancellation, concurrencyKey } = rest
    return await this.#ctx.activity(rest.brief ? this.#means.brief : this.#means.perform, {
      input: { key, ...rest },
      ...(maxAttempts !== undefined && { retry: { maxAttempts } }),
      ...(startToCloseMs !== undefined && { startToCloseTimeout: startToCloseMs }),
      ...(heartbeatMs !== undefined && { heartbeatTimeout: heartbeatMs }),
      ...(cancellation && { cancellation }),
      ...(concurrencyKey !== undefined && { concurrencyKey }),
    })
  }

  async #step(work: StepWork): Promise<string> {
    const { key, maxAttempts, cancellation } = work
    const { effects } = this.#means
    const fn = async (step: StepContext): Promise<string> => {
      const { idempotencyKey, attempt } = step
      const effect = effects.begin({ kind: 'step', key, idempotencyKey, attempt })
      return await done(effects, effect, { work, cancellation: step.cancellation })
    }
    return await this.#ctx.run(key, fn, {
      ...(maxAttempts !== undefined && { retry: { maxAttempts } }),
      ...(cancellation && { cancellation }),
    })
  }

  async #child(call: Extract<Instruction, { do: 'child' }>): Promise<Value> {
    const { program, workflowId, policy, cancellation, executionTimeoutMs } = call
    const asked = this.#ctx.startChild(this.#means.run, {
      input: { program, before: [] },
      parentClosePolicy: policy,
      cancellation,
      ...(workflowId !== undefined && { workflowId }),
      ...(executionTimeoutMs !== undefined && { executionTimeout: executionTimeoutMs }),
    })
    if (call.until === 'asked') {
      asked.catch(() => {})
      return 'asked'
    }
    const child = await asked
    return call.until === 'ended' ? await child.result() : 'started'
  }

  async #wait(wait: Extract<Instruction, { do: 'signal' | 'collect' | 'condition' }>): Promise<Value> {
    const ctx = this.#ctx
    if (wait.do === 'condition')
      return await ctx.condition(() => this.#handled.length >= wait.handled, wait.timeoutMs)
    if (wait.do === 'collect') return await this.#collect(wait)
    const { name, timeoutMs } = wait
    if (timeoutMs === undefined) return await ctx.waitForSignal<string>(name)
    return await ctx.waitForSignal<string, null>(name, { timeout: timeoutMs, default: null })
  }

  /** As many as come in time. */
  async #collect({ name, count, timeoutMs }: Extract<Instruction, { do: 'collect' }>): Promise<Value> {
    const collected: string[] = []
    const collecting = async (): Promise<void> => {
      for await (const payload of this.#ctx.signals<string>(name))
        if (collected.push(payload) === count) return
    }
    try {
      await this.#ctx.scope(collecting, { timeout: timeoutMs })
    } catch (error) {
      if (error instanceof CancelledError) throw error
    }
    return collected
  }

  #note(note: Extract<Instruction, { do: 'patched' | 'memo' | 'attribute' | 'compensate' }>): Value {
    const ctx = this.#ctx
    switch (note.do) {
      case 'patched':
        return ctx.patched(note.id)
      case 'memo':
        ctx.upsertMemo({ memo: note.value })
        return null
      case 'attribute':
        ctx.upsertSearchAttributes({ attribute: note.value })
        return null
      default:
        ctx.compensate(async () => void (await this.#activity({ key: note.key, fails: 0 })))
        return null
    }
  }

  async #group(group: Extract<Instruction, { do: 'all' | 'race' | 'shield' | 'scope' | 'cancel_scope' }>) {
    const ctx = this.#ctx
    if (group.do === 'cancel_scope') return await this.#cancelled(group)
    const each = (): Promise<Value>[] => group.parts.map((part) => this.#perform(part))
    switch (group.do) {
      case 'all':
        return await Promise.all(each())
      case 'race':
        return await ctx.scope(() => Promise.race(each()))
      case 'shield':
        return await ctx.shield(() => Promise.all(each()))
      default:
        return await ctx.scope(() => Promise.all(each()), { timeout: group.timeoutMs })
    }
  }

  async #cancelled({ part, afterMs }: Extract<Instruction, { do: 'cancel_scope' }>): Promise<Value> {
    const ctx = this.#ctx
    try {
      return await ctx.scope(async (scope) => {
        // Beside the scope: what it cancels is not this timer.
        void ctx.sleep(afterMs).then(
          () => scope.cancel('it took too long'),
          () => {},
        )
        return await this.#perform(part)
      })
    } catch (error) {
      if (error instanceof CancelledError && !ctx.cancellation.aborted) return 'cancelled'
      throw error
    }
  }
}
