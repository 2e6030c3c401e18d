/** Modules of WebAssembly, which workerd imports and Node does not. */
import { registerHooks } from 'node:module'

/** From now on a `.wasm` file is what bundlers make of it: a compiled module. */
export function importWasm(): void {
  registerHooks({
    load: (url, context, next) => {
      if (!url.endsWith('.wasm')) return next(url, context)
      const read = `readFileSync(new URL(${JSON.stringify(url)}))`
      const source = `import { readFileSync } from 'node:fs'; export default new WebAssembly.Module(${read})`
      return { format: 'module', source, shortCircuit: true }
    },
  })
}
