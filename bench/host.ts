/**
 * The process that holds one group of Workers: wrangler's own local server, without its file watcher, so that an edit
 * during a run cannot reset the objects under measurement. Started by `group.ts`; says its URL over IPC.
 */
import { createTestHarness } from 'wrangler'

export interface HostOptions {
  configs: string[]
  vars: Record<string, string>
}

const options: HostOptions = JSON.parse(process.argv[2] ?? '')
const server = createTestHarness({
  root: `${import.meta.dirname}/workers`,
  workers: options.configs.map((configPath) => ({ configPath, vars: options.vars })),
})

process.once('SIGTERM', stop)
// The runner is gone, whatever ended it.
process.once('disconnect', stop)
const { url } = await server.listen()
process.send?.(url.href)

function stop(): void {
  const complaints = server.getLogs().filter((log) => log.level === 'error' || log.level === 'warn')
  for (const log of complaints.slice(0, 20)) process.stderr.write(`${log.level}: ${log.message}\n`)
  void server.close().finally(() => process.exit(0))
}
