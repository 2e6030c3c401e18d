/** `perdure replay`: recorded histories against the project's workflows of today, before they are deployed. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { NonDeterminismError } from '../../shared/index.ts'
import type { WorkflowDefinition } from '../../shared/index.ts'
import type { ReplayedRun, ReplayArchiveOptions } from '../../testing/archive.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { contentsOf } from '../json.ts'
import { fraction, given, instant } from '../options.ts'

export function addReplay(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('replay')
    .description('recorded histories against the code of today; ends with 1 when one differs')
    .argument(
      '[file...]',
      'as `perdure history --json` writes them; absent, the closed runs of the deployment',
    )
    .option('--workflows <module>', 'exports the workflows', 'workflows.ts')
    .option('--type <name>', 'of this workflow only')
    .option('--since <instant>', 'closed then or later', instant)
    .option('--sample <number>', 'up to 1 a fraction of the runs, from 2 a number of them', fraction)
    .action(async (files, { workflows: module, type, since, sample }) => {
      await import('../../testing/platform.ts') // first: it makes the globals deterministic that workflows may keep
      const workflows = await workflowsIn(it, module, type)
      const counts = { replayed: 0, different: 0 }
      const runs =
        files.length > 0 ? ofFiles(it, workflows, files) : ofArchive(it, workflows, given({ since, sample }))
      for await (const run of runs) {
        counts.replayed += 1
        if (!run.ok) counts.different += 1
        it.record(run)
        if (!run.ok) it.say(`${nameOf(run)}: ${run.error?.message}`)
      }
      it.note(`${counts.replayed} replayed, ${counts.different} of them differ`)
      it.failed = counts.different > 0
    })
}

/** A run of the archive, or the one that a file holds. */
type Replayed = Pick<ReplayedRun, 'ok' | 'eventId' | 'expected' | 'actual' | 'error'> &
  (Pick<ReplayedRun, 'workflowId' | 'runId'> | { file: string })

function nameOf(run: Replayed): string {
  return 'file' in run ? run.file : `${run.workflowId} ${run.runId}`
}

/** Every workflow among the exports of a module, and in lists among them. */
async function workflowsIn(
  { world }: Invocation,
  module: string,
  type: string | undefined,
): Promise<WorkflowDefinition[]> {
  const exported = await loaded(resolve(world.cwd, module))
  const all = new Set(Object.values(exported).flat().filter(isWorkflow))
  const wanted = [...all].filter(({ name }) => type === undefined || name === type)
  if (wanted.length > 0) return wanted
  const what = type === undefined ? 'no workflow' : `no workflow ${type}`
  throw new CliError('workflows_unreadable', `${module} exports ${what}`)
}

async function loaded(path: string): Promise<object> {
  try {
    return await import(pathToFileURL(path).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('workflows_unreadable', `${path} cannot be loaded: ${reason}`, {
      fix: 'name it with --workflows; Node loads TypeScript whose imports have their extension (./activities.ts)',
      cause,
    })
  }
}

function isWorkflow(value: unknown): value is WorkflowDefinition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'workflow'
}

async function* ofArchive(
  it: Invocation,
  workflows: readonly WorkflowDefinition[],
  options: Pick<ReplayArchiveOptions, 'since' | 'sample'>,
): AsyncGenerator<Replayed> {
  const { replayArchive } = await import('../../testing/archive.ts')
  for (const workflow of workflows) yield* replayArchive({ client: it.client, workflow, ...options })
}

async function* ofFiles(
  it: Invocation,
  workflows: readonly WorkflowDefinition[],
  files: readonly string[],
): AsyncGenerator<Replayed> {
  const { replayHistory } = await import('../../testing/history.ts')
  for (const file of files) {
    const history = contentsOf(it.world, file, 'file')
    const type = typeIn(history)
    const workflow = workflows.find(({ name }) => name === type)
    if (!workflow)
      throw new CliError('workflows_unreadable', `${file} is of workflow ${type}, which is not exported`)
    try {
      await replayHistory(workflow, history)
      yield { file, ok: true }
    } catch (error) {
      if (!(error instanceof NonDeterminismError)) throw error
      const { code, message, eventId, expected, actual } = error
      yield { file, ok: false, eventId, expected, actual, error: { code, message } }
    }
  }
}

/** Of which workflow the history is; what is none is refused by `replayHistory`. */
function typeIn(history: string): string | undefined {
  return /"workflowType":"([^"]+)"/.exec(history)?.[1]
}
