/** `ctx.continueAsNew`: the run ends, and another one of its id goes on with a new input and an empty history. */
import type { ContinueOptions } from '../core/chain-events.ts'
import type { Command } from '../core/decide.ts'
import { toMs } from '../duration.ts'
import { checkedName, invalid } from '../names.ts'
import { retryRules } from '../retry-policy.ts'
import { encodedAttributes } from '../attributes.ts'
import { encodedFields } from '../workflow.ts'
import type { ContinueAsNewOptions } from '../workflow.ts'
import type { Coroutine } from './coroutine.ts'

/** Leaves the workflow function. Code that catches it has only its own clean-up left to do: the run goes on as new all the same. */
class ContinueAsNew extends Error {
  override readonly name = 'ContinueAsNew'
  constructor() {
    super('the run ends here and goes on as a new one; do not catch this, or throw it on')
  }
}

type ContinueCommand = Extract<Command, { type: 'workflow_continued_as_new' }>

/** What was asked for, and whether the run had been told to cancel by then. */
export interface Continuation {
  readonly command: ContinueCommand
  readonly cancelled: boolean
}

export function continueAsNew(
  coroutine: Coroutine,
  input: unknown,
  options: ContinueAsNewOptions = {},
): never {
  coroutine.enter('ctx.continueAsNew')
  const encoded = coroutine.encode(input, 'input')
  const command: ContinueCommand = {
    type: 'workflow_continued_as_new',
    ...(encoded !== undefined && { input: encoded }),
    ...continueOptions(options),
  }
  coroutine.ending.continuation ??= { command, cancelled: coroutine.root.cancelled !== null }
  throw new ContinueAsNew()
}

const OPTIONS = ['taskQueue', 'runTimeout', 'startDelay', 'retry', 'memo', 'searchAttributes']

function continueOptions(options: ContinueAsNewOptions): ContinueOptions {
  const other = Object.keys(options).find((key) => !OPTIONS.includes(key))
  if (other !== undefined) throw invalid(other, `one of ${OPTIONS.join(', ')}`, other)
  const { taskQueue, runTimeout, startDelay, retry, memo, searchAttributes } = options
  return {
    ...(taskQueue !== undefined && { taskQueue: checkedName(taskQueue, 'taskQueue') }),
    ...(runTimeout !== undefined && { runTimeoutMs: toMs(runTimeout, 'runTimeout') }),
    ...(startDelay !== undefined && { startDelayMs: toMs(startDelay, 'startDelay') }),
    ...(retry && { retry: retryRules(retry) }),
    ...(memo && { memo: encodedFields(memo, 'memo') }),
    ...(searchAttributes && { searchAttributes: encodedAttributes(searchAttributes) }),
  }
}
