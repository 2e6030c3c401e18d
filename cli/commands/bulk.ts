/** `perdure bulk`: one action on every run that a filter matches. */
import { Argument } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { BulkAction, BulkProgress } from '../../shared/index.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { valueIn } from '../json.ts'
import { filterOf, filtering, given } from '../options.ts'

const ACTIONS = ['cancel', 'terminate', 'pause', 'resume', 'signal'] as const

export function addBulk(root: CommandUnknownOpts, it: Invocation): void {
  const command = root
    .command('bulk')
    .description('act on every open run that the filter matches')
    .addArgument(new Argument('<action>', 'what is done').choices(ACTIONS))
  filtering(command)
    .option('--reason <text>', 'for people, in the history')
    .option('--signal <name>', 'of the action signal: which')
    .option('--payload <json>', 'what the signal carries')
    .option('--cursor <cursor>', 'go on where an earlier one was broken off')
    .option('--yes', 'do it; without, only how many there are is said')
    .action(async (name, { reason, signal, payload, cursor, yes, ...options }) => {
      const filter = { ...filterOf(options), ...given({ cursor }) }
      if (yes !== true) throw await unconfirmed(it, filter)
      const action = name === 'signal' ? await signalOf(it, signal, payload) : name
      await followed(it, it.client.bulk(filter, action, reason))
    })
}

async function unconfirmed(it: Invocation, filter: Parameters<Invocation['client']['count']>[0]) {
  const count = await it.client.count({ status: ['running', 'paused'], ...filter })
  return new CliError('usage', `${count} runs match, and none was touched`, {
    fix: 'say --yes to act on them',
  })
}

async function signalOf(
  it: Invocation,
  signal: string | undefined,
  payload: string | undefined,
): Promise<BulkAction> {
  if (signal === undefined) throw new CliError('usage', 'which signal?', { fix: 'give --signal <name>' })
  if (payload === undefined) return { signal }
  return { signal, payload: await valueIn(it.world, payload, '--payload') }
}

async function followed(it: Invocation, pages: AsyncIterable<BulkProgress>): Promise<void> {
  const bar = it.progress('runs', 0)
  let last: BulkProgress | undefined
  for await (last of pages) {
    const { matched, done, failed, errors, cursor } = last
    it.record({ matched, done, failed, errors: errors.map(told), ...given({ cursor }) })
    bar.at(done + failed, matched)
    for (const { workflowId, runId, error } of errors)
      it.note(`${workflowId} ${runId} ${error.code}: ${error.message}`)
    if (it.world.interrupted.aborted) break
  }
  bar.stop()
  if (last === undefined) return
  if (last.failed > 0) it.failed = true
  it.say(`${last.done} done, ${last.failed} failed, of ${last.matched}`)
  if (last.cursor !== undefined) it.note(`broken off: go on with --cursor ${last.cursor}`)
}

function told({ workflowId, runId, error }: BulkProgress['errors'][number]): object {
  return { workflowId, runId, code: error.code, message: error.message }
}
