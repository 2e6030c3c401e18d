/** `perdure stats`: how a namespace is. */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { NamespaceStats } from '../../shared/stats.ts'
import { apiAnswer } from '../api.ts'
import type { Invocation } from '../invocation.ts'
import type { Column } from '../table.ts'
import { dated } from '../show.ts'

const SHARD = ['shard', 'open runs', 'database bytes', 'turns', 'rows written', 'waiting', 'refused']

export function addStats(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('stats')
    .description('runs by status, what waits on each task queue, and how the shards are')
    .action(async () => {
      const stats = await apiAnswer<NamespaceStats>(it, 'stats')
      it.record(stats)
      const { hot, warm, cold } = stats.tiers
      it.say(`runs in the tiers: ${hot} hot, ${warm} warm, ${cold} cold`)
      it.say(
        `hot runs: ${counted(stats.runs) || 'none'}${stats.blockedRuns > 0 ? `; ${stats.blockedRuns} blocked` : ''}\n`,
      )
      it.table(
        [text('task queue'), ...['pending', 'running', 'delayed'].map(number), text('oldest due')],
        Object.entries(stats.taskQueues).map(([name, { pending, running, delayed, oldestDueAt }]) => [
          name,
          ...[pending, running, delayed].map(String),
          dated(oldestDueAt),
        ]),
      )
      it.say('')
      it.table(
        [...SHARD.map(number), text('awake since')],
        stats.shards.map((shard) => [
          ...[shard.shard, shard.openRuns, shard.databaseBytes, shard.turns].map(String),
          ...[shard.rowsWritten, shard.inputsWaiting, shard.refused].map(String),
          dated(shard.since),
        ]),
      )
    })
}

function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function text(name: string): Column {
  return { name }
}

function number(name: string): Column {
  return { name, align: 'right' }
}
