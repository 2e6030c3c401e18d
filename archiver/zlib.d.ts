/** What `nodejs_compat` gives of zlib, as far as it is used here; the types of Workers have none of it. */
declare module 'node:zlib' {
  export function inflateRawSync(data: Uint8Array, options: { maxOutputLength: number }): Uint8Array
}
