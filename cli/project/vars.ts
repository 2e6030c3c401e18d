/** What the Workers of a project are told on this machine only. */
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { wranglerApi } from './configs.ts'

export interface LocalVars {
  readonly cwd: string
  /** The scheduler's first. */
  readonly configs: readonly [string, ...string[]]
  /** Of the HTTP API. */
  readonly token: string | null
  /** What `wrangler dev` is given beside them. */
  readonly more: readonly string[]
}

/** Whoever has a `.dev.vars`, or says the token in another way, has decided for himself. */
export async function writeMissingVars({ cwd, configs, token, more }: LocalVars): Promise<void> {
  const { unstable_readConfig: read } = await wranglerApi()
  const [scheduler, ...others] = configs
  const line = `API_TOKEN=${token}\n`
  if (!more.some((word) => word.startsWith('API_TOKEN:')))
    writeVars(resolve(cwd, scheduler), `${line}REDISPATCH_ON_WAKE=true\n`)
  for (const path of others.map((config) => resolve(cwd, config))) {
    const { triggers, vars } = read({ config: path })
    if (triggers.crons?.length && !('API_TOKEN' in vars)) writeVars(path, line)
  }
}

function writeVars(config: string, text: string): void {
  const file = resolve(dirname(config), '.dev.vars')
  if (!existsSync(file)) writeFileSync(file, text)
}
