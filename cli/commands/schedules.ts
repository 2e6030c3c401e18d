/** `perdure schedule`: workflows that start by the clock. */
import { Option } from '@commander-js/extra-typings'
import type { Command, CommandUnknownOpts, OptionValues } from '@commander-js/extra-typings'
import type { ScheduleHandle, SchedulePolicy, ScheduleSpec } from '../../shared/index.ts'
import { definitionNamed } from '../definition.ts'
import type { Invocation } from '../invocation.ts'
import { jsonOf, valueIn } from '../json.ts'
import { given, instant, lasting, startOf, starting } from '../options.ts'
import { dated, describedSchedule } from '../show.ts'

export function addSchedules(root: CommandUnknownOpts, it: Invocation): void {
  const schedule = root.command('schedule').description('workflows that start by the clock')
  addCreate(schedule, it)
  addList(schedule, it)
  addDescribe(schedule, it)
  addUpdate(schedule, it)
  addPauses(schedule, it)
  addBackfill(schedule, it)
  addPlain(schedule, it)
}

const OVERLAPS = ['skip', 'buffer-one', 'buffer-all', 'cancel-other', 'terminate-other', 'allow-all'] as const

function timed<A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) {
  return command
    .option('--cron <expression...>', 'five fields, six with seconds first, or a name such as @daily')
    .option('--every <duration>', 'an interval', lasting)
    .option('--time-zone <name>', 'by whose clocks the crons go, such as Europe/Paris')
    .option('--jitter <duration>', 'each run begins up to this much later', lasting)
    .option('--start-at <instant>', 'no time before it', instant)
    .option('--end-at <instant>', 'no time after it', instant)
    .addOption(new Option('--overlap <policy>', 'when a run of it is still open').choices(OVERLAPS))
    .option('--catch-up <duration>', 'times that were missed are made up for when no longer past', lasting)
    .option('--pause-on-failure', 'pause when a run fails')
}

type TimedOptions = ReturnType<ReturnType<typeof timed<[string], {}, {}>>['opts']>

function specOf(options: TimedOptions): ScheduleSpec {
  const { cron, every, timeZone, jitter, startAt, endAt } = options
  return given({ cron, every, timeZone, jitter, startAt, endAt })
}

function policyOf({ overlap, catchUp, pauseOnFailure }: TimedOptions): SchedulePolicy {
  return given({ overlap, catchUpWindow: catchUp, pauseOnFailure })
}

function addCreate(schedule: CommandUnknownOpts, it: Invocation): void {
  const command = schedule
    .command('create')
    .description('a new schedule')
    .argument('<scheduleId>')
    .argument('<type>', 'the workflow that it starts, by name')
  starting(timed(command))
    .option('--paused', 'it begins paused')
    .option('--note <text>', 'for people, in describe')
    .action(async (scheduleId, type, options) => {
      const { paused, note } = options
      await it.client.schedules.create({
        scheduleId,
        workflow: definitionNamed(type),
        spec: specOf(options),
        policy: policyOf(options),
        ...(await startOf(it, options)),
        ...given({ paused, note }),
      })
      it.tell({ scheduleId }, `${scheduleId} created`)
    })
}

function addList(schedule: CommandUnknownOpts, it: Invocation): void {
  schedule
    .command('list')
    .description('every schedule')
    .action(async () => {
      const found = []
      for await (const one of it.client.schedules.list()) found.push(one)
      const columns = ['schedule', 'workflow', 'spec', 'paused', 'next run'].map((name) => ({ name }))
      it.rows(found, columns, ({ scheduleId, workflowType, spec, paused, nextRuns }) => [
        scheduleId,
        workflowType,
        jsonOf(spec),
        paused ? it.styled('yellow', 'paused') : '',
        dated(nextRuns[0]),
      ])
    })
}

function addDescribe(schedule: CommandUnknownOpts, it: Invocation): void {
  schedule
    .command('describe')
    .description('when its runs begin, and which have begun')
    .argument('<scheduleId>')
    .action(async (scheduleId) => {
      const info = await it.client.schedules.getHandle(scheduleId).describe()
      it.tell(info, describedSchedule(it, info))
    })
}

function addUpdate(schedule: CommandUnknownOpts, it: Invocation): void {
  timed(schedule.command('update').description('replace what is given, whole').argument('<scheduleId>'))
    .option('--input <json>', 'of its runs: JSON, @file, or - for stdin')
    .action(async (scheduleId, options) => {
      const spec = specOf(options)
      const policy = policyOf(options)
      await it.client.schedules.getHandle(scheduleId).update({
        ...(Object.keys(spec).length > 0 && { spec }),
        ...(Object.keys(policy).length > 0 && { policy }),
        ...(options.input !== undefined && { input: await valueIn(it.world, options.input, '--input') }),
      })
      it.tell({ scheduleId }, `${scheduleId} updated`)
    })
}

function addPauses(schedule: CommandUnknownOpts, it: Invocation): void {
  const verbs = {
    pause: 'begin no runs until it is unpaused',
    unpause: 'begin runs again; times that came meanwhile are not made up for',
  }
  for (const verb of ['pause', 'unpause'] as const) {
    schedule
      .command(verb)
      .description(verbs[verb])
      .argument('<scheduleId>')
      .option('--note <text>', 'why')
      .action(async (scheduleId, { note }) => {
        await it.client.schedules.getHandle(scheduleId)[verb](note)
        it.tell({ scheduleId, paused: verb === 'pause' }, `${verb}d`)
      })
  }
}

function addBackfill(schedule: CommandUnknownOpts, it: Invocation): void {
  schedule
    .command('backfill')
    .description('a run for every time of the past that lies between two instants, both included')
    .argument('<scheduleId>')
    .requiredOption('--from <instant>', 'the first', instant)
    .requiredOption('--to <instant>', 'the last', instant)
    .action(async (scheduleId, { from, to }) => {
      await it.client.schedules.getHandle(scheduleId).backfill([{ from, to }])
      it.tell({ scheduleId, from, to }, 'backfill begun')
    })
}

function addPlain(schedule: CommandUnknownOpts, it: Invocation): void {
  const verbs: [string, string, string, (handle: ScheduleHandle) => Promise<void>][] = [
    ['trigger', 'one run now, paused or not', 'triggered', (handle) => handle.trigger()],
    ['delete', 'no more runs; those that have begun go on', 'deleted', (handle) => handle.delete()],
  ]
  for (const [verb, description, done, act] of verbs) {
    schedule
      .command(verb)
      .description(description)
      .argument('<scheduleId>')
      .action(async (scheduleId) => {
        await act(it.client.schedules.getHandle(scheduleId))
        it.tell({ scheduleId, [verb]: true }, done)
      })
  }
}
