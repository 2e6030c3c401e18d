/** What an operator does to a run: cancel, terminate, pause, resume, reset. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { WorkflowHandle } from '../../shared/index.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { given, wholeNumber } from '../options.ts'

interface Verb {
  readonly name: string
  readonly description: string
  readonly done: string
  readonly act: (handle: WorkflowHandle, reason: string | undefined) => Promise<void>
}

const VERBS: readonly Verb[] = [
  {
    name: 'cancel',
    description: 'ask a run to stop, so that it may clean up',
    done: 'cancellation requested',
    act: (handle, reason) => handle.cancel(reason),
  },
  {
    name: 'terminate',
    description: 'stop a run at once; its code does not hear of it',
    done: 'terminated',
    act: (handle, reason) => handle.terminate(reason),
  },
  {
    name: 'pause',
    description: 'hold a run: it takes signals and results, and does nothing of its own',
    done: 'paused',
    act: (handle, reason) => handle.pause(reason),
  },
  {
    name: 'resume',
    description: 'let a paused run go on',
    done: 'resumed',
    act: (handle) => handle.resume(),
  },
]

export function addVerbs(root: CommandUnknownOpts, it: Invocation): void {
  for (const { name, description, done, act } of VERBS) {
    root
      .command(name)
      .description(description)
      .argument('<workflowId>')
      .argument('[runId]', 'absent: the latest run')
      .option('--reason <text>', 'for people, in the history')
      .action(async (workflowId, runId, { reason }) => {
        await act(it.client.getHandle(workflowId, runId), reason)
        it.tell({ workflowId, [name]: true }, done)
      })
  }
  addReset(root, it)
}

function addReset(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('reset')
    .description("go on from an earlier point of a run's history, as a new run, with the code of today")
    .argument('<workflowId>')
    .argument('[runId]', 'absent: the latest run')
    .requiredOption('--reason <text>', 'for people, in the history')
    .option('--to-event <eventId>', 'the last event that is kept', wholeNumber)
    .option(
      '--to-activity <name>',
      'keep what is ahead of the last activity or step of this name, or of this id',
    )
    .action(async (workflowId, runId, { reason, toEvent, toActivity }) => {
      if ((toEvent === undefined) === (toActivity === undefined))
        throw new CliError('usage', 'where to?', { fix: 'give one of --to-event and --to-activity' })
      const point = given({ toEvent, toActivity })
      const handle = await it.client.getHandle(workflowId, runId).reset({ ...point, reason })
      it.tell({ workflowId, runId: handle.runId }, `${workflowId} ${handle.runId}`)
    })
}
