/** Where the figures were made. */
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { z } from 'zod'

export interface Machine {
  cpu: string
  cores: number
  memoryGiB: number
  /** As Node calls it: `linux x64`. */
  system: string
  node: string
  wrangler: string
  workerd: string
  /** Of the last minute before the run: above zero, other work was going on. */
  loadAverage: number
}

/** For who reads it from a file. */
export const machineShape: z.ZodType<Machine> = z.object({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  system: z.string(),
  node: z.string(),
  wrangler: z.string(),
  workerd: z.string(),
  loadAverage: z.number(),
})

/** The same in a sentence, of a command that was run there on that day. */
export function whereWas(command: string, { date, machine }: { date: string; machine: Machine }): string {
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(date),
  )
  const { cores, cpu, memoryGiB, node, workerd, loadAverage } = machine
  return `\`${command}\`, ${day}: ${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}, workerd ${workerd}, load average ${loadAverage} before.`
}

export function thisMachine(): Machine {
  const wrangler = createRequire(import.meta.url)('wrangler/package.json')
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    wrangler: wrangler.version,
    workerd: wrangler.dependencies.workerd,
    loadAverage: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}
