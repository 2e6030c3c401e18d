/** What Workers bundlers make of a static `.wasm` import: a compiled module. */
declare module '*.wasm' {
  const module: WebAssembly.Module
  export default module
}
