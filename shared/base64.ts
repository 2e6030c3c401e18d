/** Bytes as text in payloads, and back. */

/** By the name that `Object.prototype.toString` gives them and their subclasses, as Node's Buffer. */
export const TYPED_ARRAYS: ReadonlyMap<string, new (buffer: ArrayBuffer) => ArrayBufferView> = new Map(
  [Uint8Array, Int16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map((type) => [
    type.name,
    type,
  ]),
)

export function toBase64({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  let binary = ''
  const chunk = 0x2000 // arguments of one call: all bytes at once would overflow the stack
  for (let i = 0; i < bytes.length; i += chunk) binary += String.fromCharCode(...bytes.subarray(i, i + chunk))
  return btoa(binary)
}

/** Throws for what is not base64. */
export function fromBase64(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)).buffer
}
