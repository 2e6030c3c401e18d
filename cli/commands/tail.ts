/** `perdure tail`: change events as they happen. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { WorkflowCdcEvent } from '../../shared/index.ts'
import type { Invocation } from '../invocation.ts'
import { given, wholeNumber } from '../options.ts'
import { dated } from '../show.ts'

export function addTail(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('tail')
    .description('change events as they happen: of a run from its first on, of all runs from now on')
    .argument('[workflowId]', 'absent: of every run of the namespace')
    .argument('[runId]', 'absent: of the latest run, and of those that take over from it')
    .option('--after <sequence>', 'of a run: behind the event of this number', wholeNumber)
    .option('--cursor <cursor>', 'of all runs: behind the event of this cursor, as --json tells it')
    .option('--no-follow', 'end at the present')
    .action(async (workflowId, runId, options) => {
      for await (const event of followed(it, { workflowId, runId, ...options }))
        it.tell(event, lineOf(it, event))
    })
}

interface Followed {
  readonly workflowId: string | undefined
  readonly runId: string | undefined
  readonly after?: number
  readonly cursor?: string
  readonly follow: boolean
}

function followed(it: Invocation, options: Followed): AsyncIterable<WorkflowCdcEvent> {
  const { workflowId, runId, after, follow: live } = options
  const tailing = { live, signal: it.world.interrupted }
  if (workflowId !== undefined)
    return it.client.getHandle(workflowId, runId).events({ ...tailing, ...given({ after }) })
  const cursor = options.cursor ?? (live ? 'now' : undefined)
  return it.client.events({ ...tailing, ...given({ after: cursor }) })
}

const TYPE = 'external_signal_requested'.length

function lineOf(it: Invocation, event: WorkflowCdcEvent): string {
  const { timestamp, workflowId } = event
  const type = event.type.replace('workflow.', '').padEnd(TYPE)
  const time = timestamp === undefined ? '' : dated(new Date(timestamp))
  return [it.styled('dim', time), type, workflowId, detailOf(event)].join('  ').trimEnd()
}

/** What it is about: which of these there are depends on its type. */
type Fields = Partial<Record<'activityType' | 'name' | 'status' | 'kind' | 'attempt', string | number>>

function detailOf(event: WorkflowCdcEvent): string {
  const { activityType, name, status, kind, attempt = 1 } = event as Fields // no type of event has any other of these
  const about = [activityType, name, status, kind].filter((field) => field !== undefined)
  return [...about, ...(attempt === 1 ? [] : [`attempt ${attempt}`])].join(' ')
}
