/** Where the figures were made. */
import { createRequire } from 'node:module'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'

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
