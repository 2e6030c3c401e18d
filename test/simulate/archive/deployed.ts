/** The code of an archiver Worker, on Node: what its bundle finds in workerd is made here. */
import { registerHooks } from 'node:module'
import type { Archiver, ArchiverOptions } from '../../../archiver/index.ts'
import { importWasm } from '../../../scripts/wasm.ts'

type Code = typeof import('../../../archiver/index.ts')

let code: Promise<Code> | undefined

/** Imported when the first world has an archiver. */
export async function archiverCode(): Promise<(options: ArchiverOptions) => Archiver> {
  code ??= imported()
  return (await code).defineArchiver
}

const WORKERS = new URL('workers.ts', import.meta.url).href

async function imported(): Promise<Code> {
  importWasm()
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'cloudflare:workers' ? { url: WORKERS, shortCircuit: true } : next(specifier, context),
  })
  process.on('uncaughtException', passOverTrap)
  return await import('../../../archiver/index.ts')
}

/** parquet-wasm traps where bytes of a file could not be read (Q3 in archiver/parquet.ts): workerd logs it, Node would end. */
function passOverTrap(error: unknown): void {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error
}
