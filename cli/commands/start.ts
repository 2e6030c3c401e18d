/** `perdure start`: starts a run, and waits for its end where that is asked for. */
import { Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { StartOptions, WorkflowHandle } from '../../shared/index.ts'
import { definitionNamed } from '../definition.ts'
import type { Invocation } from '../invocation.ts'
import { valueIn } from '../json.ts'
import { given, lasting, startOf, starting } from '../options.ts'

const REUSE = ['allow', 'allow-failed-only', 'reject'] as const
const CONFLICT = ['fail', 'use-existing', 'terminate-existing'] as const

export function addStart(root: CommandUnknownOpts, it: Invocation): void {
  const command = root
    .command('start')
    .description('start a run of a workflow')
    .argument('<type>', 'the name that the workflow was defined with')
  starting(command)
    .addOption(new Option('--id-reuse <policy>', 'when runs of the id are closed').choices(REUSE))
    .addOption(new Option('--id-conflict <policy>', 'when a run of the id is open').choices(CONFLICT))
    .option('--delay <duration>', 'how long its first turn waits', lasting)
    .option('--request-id <id>', 'two starts with the same one are one')
    .option('--signal <name>', 'send this signal too; an open run of the id only gets the signal')
    .option('--payload <json>', 'what the signal carries')
    .option('--wait [duration]', 'wait for its result, so long at most')
    .action(async (type, options) => {
      const { idReuse, idConflict, delay: startDelay, requestId } = options
      const more = given({ idReuse, idConflict, startDelay, requestId })
      const handle = await started(it, { type, ...options }, { ...(await startOf(it, options)), ...more })
      const { workflowId, runId } = handle
      if (options.wait === undefined) return it.tell({ workflowId, runId }, `${workflowId} ${runId}`)
      it.note(`${workflowId} ${runId}`)
      it.value(await handle.result(it.waiting(options.wait)))
    })
}

async function started(
  it: Invocation,
  { type, signal, payload }: { type: string; signal?: string; payload?: string },
  start: StartOptions & { input?: unknown },
): Promise<WorkflowHandle> {
  if (signal === undefined) return await it.client.start(type, start)
  const carried = payload === undefined ? {} : { payload: await valueIn(it.world, payload, '--payload') }
  return await it.client.signalWithStart(definitionNamed(type), { ...start, signal, ...carried })
}
