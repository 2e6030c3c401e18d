/** The whole command: every subcommand with its arguments and options. docs/guide/cli.md is made from it. */
import { Command, Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Command as Untyped } from 'commander'
import tab from '@bomb.sh/tab/commander'
import { addArchive } from './commands/archive.ts'
import { addBench } from './commands/bench.ts'
import { addBulk } from './commands/bulk.ts'
import { addDoctor } from './commands/doctor.ts'
import { addMessages } from './commands/messages.ts'
import { addProject } from './commands/project.ts'
import { addReplay } from './commands/replay.ts'
import { addRuns } from './commands/runs.ts'
import { addSchedules } from './commands/schedules.ts'
import { addSql } from './commands/sql.ts'
import { addStart } from './commands/start.ts'
import { addStats } from './commands/stats.ts'
import { addTail } from './commands/tail.ts'
import { addVerbs } from './commands/verbs.ts'
import { Invocation } from './invocation.ts'
import { ownPackage } from './package.ts'
import type { World } from './world.ts'

export interface Program {
  readonly root: CommandUnknownOpts
  readonly invocation: Invocation
}

export function programOf(world: World): Program {
  const root = rootOf(world)
  const invocation = new Invocation(world, () => root.opts())
  root.commandsGroup('Projects:')
  addProject(root, invocation)
  root.commandsGroup('Runs:')
  addStart(root, invocation)
  addRuns(root, invocation)
  addMessages(root, invocation)
  addVerbs(root, invocation)
  addTail(root, invocation)
  addBulk(root, invocation)
  root.commandsGroup('Schedules:')
  addSchedules(root, invocation)
  root.commandsGroup('Operations:')
  addStats(root, invocation)
  addArchive(root, invocation)
  addSql(root, invocation)
  addReplay(root, invocation)
  addDoctor(root, invocation)
  addBench(root, invocation)
  root.commandsGroup('Shell:')
  tab(root as unknown as Untyped) // the typings are a wrapper of the same class
  return { root, invocation }
}

function rootOf(world: World) {
  return new Command('perdure')
    .description('Durable workflows that live in your own Cloudflare account.')
    .version(ownPackage().version)
    .addOption(
      new Option('--url <url>', 'the scheduler Worker').env('PERDURE_URL').default('http://localhost:8787'),
    )
    .addOption(new Option('--token <token>', 'one of its API tokens').env('PERDURE_TOKEN').default('dev'))
    .addOption(new Option('--namespace <name>', 'whose runs').env('PERDURE_NAMESPACE').default('default'))
    .option('--json', 'nothing but JSON on stdout, one line for each thing')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      getOutHasColors: () => world.stdout.colours,
      getErrHasColors: () => world.stderr.colours,
    })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
}
