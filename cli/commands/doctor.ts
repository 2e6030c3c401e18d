/**
 * `perdure doctor`: asks every shard of a running namespace whether its rows agree with each other, page by page, while it
 * serves. docs/guide/doctor.md has each finding, and what to do.
 */
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { Finding, ToldHealth } from '../../shared/health.ts'
import { apiAnswer } from '../api.ts'
import type { Invocation } from '../invocation.ts'

type Told = Finding & { shard: number }

export function addDoctor(root: CommandUnknownOpts, it: Invocation): void {
  root
    .command('doctor')
    .description('check every shard of the namespace; ends with 1 when something is broken')
    .option('--repair', 'mend what can be mended')
    .action(async ({ repair = false }) => {
      const report = { shards: 0, runs: 0, events: 0, findings: [] as Told[] }
      await examine(it, repair, report)
      const { shards, runs, events, findings } = report
      const broken = findings.filter(({ repaired }) => repaired !== true).length
      for (const finding of findings) it.world[it.json ? 'stderr' : 'stdout'].write(`${lineOf(finding)}\n`)
      const sum = `${shards} shards, ${runs} runs, ${events} events: ${findings.length} findings, ${broken} of them broken`
      it.tell({ ...report, broken }, sum)
      it.failed = broken > 0
    })
}

async function examine(
  it: Invocation,
  repair: boolean,
  report: { shards: number; runs: number; events: number; findings: Told[] },
): Promise<void> {
  const bar = it.progress('shards', 1)
  for (let shard = 0, shards = 1; shard < shards; shard++) {
    let cursor: string | undefined
    do {
      const page = await apiAnswer<ToldHealth>(it, 'health', { shard, cursor, repair })
      shards = report.shards = page.shards
      report.runs += page.runs
      report.events += page.events
      report.findings.push(...page.findings.map((finding) => ({ shard, ...finding })))
      cursor = page.cursor
    } while (cursor !== undefined)
    bar.at(shard + 1, shards)
  }
  bar.stop()
}

function lineOf({ shard, code, workflowId = '', runId = '', what, repaired }: Told): string {
  return [`shard ${shard}`, code.padEnd(17), stateOf(repaired), workflowId, runId, what].join('  ')
}

function stateOf(repaired: boolean | undefined): string {
  if (repaired === true) return 'mended '
  return repaired === false ? 'not yet' : 'broken '
}
