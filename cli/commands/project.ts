/** `perdure init`, `dev` and `deploy`: a project from its first file to its Workers. */
import { basename, relative, resolve } from 'node:path'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { toMs } from '../../shared/duration.ts'
import { CliError } from '../error.ts'
import type { Invocation } from '../invocation.ts'
import { lasting, wholeNumber } from '../options.ts'
import { configsOf } from '../project/configs.ts'
import { deploy } from '../project/deploy.ts'
import { dev } from '../project/dev.ts'
import { writeProject } from '../project/init.ts'

const CONFIGS = [
  '-c, --config <file...>',
  'wrangler configurations, the scheduler first; absent, those in the folders',
] as const

export function addProject(root: CommandUnknownOpts, it: Invocation): void {
  addInit(root, it)
  addDev(root, it)
  addDeploy(root, it)
}

function addInit(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('init')
    .description('write a new project: three Workers, a workflow, its activities and a test')
    .argument('<directory>', 'not there yet, or empty; its name becomes the name of the project')
    .action((directory) => {
      const path = resolve(it.world.cwd, directory)
      const name = basename(path)
      writeProject(path, name)
      const next = [`cd ${relative(it.world.cwd, path) || '.'}`, 'npm install', 'npm test', 'npm run dev']
      it.tell({ directory: path, name, next }, `${name} is written to ${path}\n\n  ${next.join('\n  ')}`)
    })
}

function addDev(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('dev')
    .description('run the Workers of the project on this machine; no account is needed')
    .argument('[more...]', 'behind --: passed on to `wrangler dev`')
    .option(...CONFIGS)
    .option('--port <number>', 'of the scheduler', wholeNumber, 8787)
    .option('--archive-every <duration>', 'between two passes of the archiver', lasting, '1m' as const)
    .action(async (more, { config, port, archiveEvery }) => {
      const { cwd, interrupted } = it.world
      const code = await dev({
        cwd,
        configs: configsOf(cwd, config),
        server: { ...it.server, url: `http://localhost:${port}` },
        port,
        archiveEveryMs: toMs(archiveEvery, '--archive-every'),
        more,
        interrupted,
        say: (line) => it.note(`perdure · ${line}`),
      })
      if (code !== 0) throw new CliError('wrangler_failed', `wrangler dev ended with ${code}`)
    })
}

function addDeploy(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('deploy')
    .description(
      'create the queues and the bucket that are missing, and deploy the Workers in the order of their bindings',
    )
    .option(...CONFIGS)
    .option('--dry-run', 'bundle everything the same way, create and upload nothing')
    .action(async ({ config, dryRun = false }) => {
      const { cwd, stdout, stderr } = it.world
      await deploy({
        cwd,
        configs: configsOf(cwd, config),
        dryRun,
        say: (line) => it.tell({ deploy: line }, `deploy · ${line}`),
        print: (output) => (it.json ? stderr : stdout).write(output),
      })
    })
}
