/** Commands that read runs: list, count, describe, history, result; and delete. */
import { Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { HistoryEvent, WorkflowSummary } from '../../shared/index.ts'
import { historyLines } from '../../testing/source.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { jsonOf } from '../json.ts'
import { filterOf, filtering, given, orderOption, wholeNumber } from '../options.ts'
import { dated, describedRun, jsonIn, statusOf } from '../show.ts'

export function addRuns(root: CommandUnknownOpts, it: Invocation): void {
  addList(root, it)
  addCount(root, it)
  addDescribe(root, it)
  addHistory(root, it)
  addResult(root, it)
  addDelete(root, it)
}

const COLUMNS = {
  workflowId: (run) => run.workflowId,
  runId: (run) => run.runId,
  type: (run) => run.workflowType,
  status: (run) => run.status,
  taskQueue: (run) => run.taskQueue,
  startedAt: (run) => dated(run.startedAt),
  closedAt: (run) => dated(run.completedAt),
  events: (run) => String(run.historyEvents),
  bytes: (run) => String(run.historyBytes),
  tier: (run) => run.tier,
  version: (run) => run.version,
  input: (run) => jsonIn(run.input),
  result: (run) => jsonIn(run.result),
  error: (run) => run.error?.message ?? '',
  memo: (run) => jsonOf(run.memo),
  attributes: (run) => jsonOf(run.searchAttributes),
} satisfies Record<string, (run: WorkflowSummary) => string>
type ColumnName = keyof typeof COLUMNS
const USUAL: ColumnName[] = ['workflowId', 'type', 'status', 'startedAt', 'closedAt', 'events', 'tier']
const NUMBERS = new Set<ColumnName>(['events', 'bytes'])

function addList(root: CommandUnknownOpts, it: Invocation): void {
  filtering(root.command('list').description('runs, the last started first'))
    .addOption(orderOption())
    .option('--limit <number>', 'rows at most', wholeNumber, 50)
    .option('--all', 'every run that there is')
    .addOption(
      new Option('--columns <name...>', 'which columns, in this order').choices(columnNames()).default(USUAL),
    )
    .action(async ({ limit, all, order, columns, ...filter }) => {
      const runs: WorkflowSummary[] = []
      const wanted = { ...filterOf(filter), ...given({ orderBy: order }), limit: Math.min(limit, 1_000) }
      let more = false
      for await (const run of it.client.list(wanted)) {
        more = all !== true && runs.length >= limit
        if (more) break
        runs.push(run)
      }
      const shape = columns.map((name) => ({ name, align: NUMBERS.has(name) ? 'right' : 'left' }) as const)
      it.rows(runs, shape, (run) => columns.map((name) => shownCell(it, name, run)))
      it.note(
        `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${more ? '; there are more: --all, or --limit' : ''}`,
      )
    })
}

function columnNames(): readonly ColumnName[] {
  return Object.keys(COLUMNS) as ColumnName[] // its own keys
}

function shownCell(it: Invocation, name: ColumnName, run: WorkflowSummary): string {
  return name === 'status' ? statusOf(it, run) : COLUMNS[name](run)
}

function addCount(root: CommandUnknownOpts, it: Invocation): void {
  filtering(root.command('count').description('how many runs'))
    .addOption(
      new Option('--by <field>', 'by the values of a field').choices([
        'status',
        'workflowType',
        'taskQueue',
      ] as const),
    )
    .action(async ({ by, ...filter }) => {
      if (by === undefined) {
        const count = await it.client.count(filterOf(filter))
        return it.tell({ count }, String(count))
      }
      const groups = await it.client.count(filterOf(filter), { groupBy: by })
      const rows = Object.entries(groups).toSorted(([one], [other]) => (one < other ? -1 : 1))
      for (const [value, count] of rows) it.record({ [by]: value, count })
      it.table(
        [{ name: by }, { name: 'count', align: 'right' }],
        rows.map(([value, count]) => [value, String(count)]),
      )
    })
}

function addDescribe(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('describe')
    .description('what a run is, and what it waits for')
    .argument('<workflowId>')
    .argument('[runId]', 'absent: the latest run')
    .option('--call-sites', 'also where in its code it waits')
    .action(async (workflowId, runId, { callSites = false }) => {
      const info = await it.client.getHandle(workflowId, runId).describe({ callSites })
      it.tell(info, describedRun(it, info))
    })
}

function addHistory(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('history')
    .description('every event of a run; with --json as JSON Lines that replay reads')
    .argument('<workflowId>')
    .argument('[runId]', 'absent: the latest run')
    .option('--from <eventId>', 'from this event', wholeNumber)
    .action(async (workflowId, runId, { from }) => {
      const history = it.client.getHandle(workflowId, runId).history(given({ fromEvent: from }))
      if (it.json) it.world.stdout.write(await historyLines(history))
      else await showHistory(it, history)
    })
}

async function showHistory(it: Invocation, history: AsyncIterable<HistoryEvent>): Promise<void> {
  const rows = []
  for await (const { eventId, timestamp, type, data } of history)
    rows.push([String(eventId), dated(timestamp), type, abridged(jsonOf(data))])
  it.table([{ name: 'event', align: 'right' }, { name: 'time' }, { name: 'type' }, { name: 'data' }], rows)
}

const CELL = 100

function abridged(text: string): string {
  return text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text
}

function addResult(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('result')
    .description('wait for the end of a run, and give its result')
    .argument('<workflowId>')
    .argument('[runId]', 'absent: the latest run, and those that follow it')
    .option('--wait <duration>', 'so long at most')
    .action(async (workflowId, runId, { wait }) => {
      it.value(await it.client.getHandle(workflowId, runId).result(it.waiting(wait ?? true)))
    })
}

function addDelete(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('delete')
    .description('delete a closed run from every tier')
    .argument('<workflowId>')
    .argument('<runId>')
    .option('--yes', 'it cannot be undone')
    .action(async (workflowId, runId, { yes }) => {
      if (yes !== true)
        throw new CliError('usage', 'a run that was deleted cannot be had again', {
          fix: 'say so with --yes',
        })
      const { coldGoneBy } = await it.client.delete(workflowId, runId)
      const cold = coldGoneBy === null ? '' : `; the cold tier will have lost it by ${dated(coldGoneBy)}`
      it.tell({ workflowId, runId, coldGoneBy }, `deleted${cold}`)
    })
}
