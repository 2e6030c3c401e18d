/** What is sent to a run: signals, queries, updates. */
import { Option } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Invocation } from '../invocation.ts'
import { listIn, valueIn } from '../json.ts'
import { given } from '../options.ts'

const RUN = ['--run <runId>', 'this run; absent, the latest'] as const
const ARGUMENTS = ['--args <json>', 'a list: JSON, @file, or - for stdin'] as const

export function addMessages(root: CommandUnknownOpts, it: Invocation): void {
  addSignal(root, it)
  addQuery(root, it)
  addUpdate(root, it)
}

function addSignal(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('signal')
    .description('send a signal to a run')
    .argument('<workflowId>')
    .argument('<name>')
    .argument('[payload]', 'JSON, @file, or - for stdin')
    .option(...RUN)
    .option('--id <signalId>', 'two signals with the same one are one')
    .action(async (...[workflowId, name, payload, { run, id }]) => {
      const carried = payload === undefined ? undefined : await valueIn(it.world, payload, 'payload')
      await it.client.getHandle(workflowId, run).signal(name, carried, given({ signalId: id }))
      it.tell({ workflowId, signal: name }, 'sent')
    })
}

function addQuery(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('query')
    .description('ask a run, and give its answer')
    .argument('<workflowId>')
    .argument('<name>')
    .addOption(new Option(...ARGUMENTS))
    .option(...RUN)
    .action(async (workflowId, name, { args, run }) => {
      const list = await listIn(it.world, args, '--args')
      it.value(await it.client.getHandle(workflowId, run).query(name, ...list))
    })
}

function addUpdate(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('update')
    .description('change a run, and give what its handler answers')
    .argument('<workflowId>')
    .argument('<name>')
    .addOption(new Option(...ARGUMENTS))
    .option(...RUN)
    .option('--id <updateId>', 'two updates with the same one are one')
    .option('--no-wait', 'until it is accepted only')
    .action(async (workflowId, name, { args, run, id, wait }) => {
      const handle = it.client.getHandle(workflowId, run)
      const update = { args: await listIn(it.world, args, '--args'), ...given({ updateId: id }) }
      if (wait) return it.value(await handle.update(name, update))
      const { updateId } = await handle.startUpdate(name, update)
      it.tell({ workflowId, updateId }, updateId)
    })
}
