/** A run's own random numbers: seeded by its run id, so that a replay draws the same ones (sfc32). */
export class SeededRandom {
  #a: number
  #b: number
  #c: number
  #d = 1

  constructor(seed: string) {
    const [a, b, c] = hash3(seed)
    this.#a = a
    this.#b = b
    this.#c = c
    for (let round = 0; round < 12; round += 1) this.uint32()
  }

  /** An integer from [0, 2^32). */
  uint32(): number {
    const t = (this.#a + this.#b + this.#d) | 0
    this.#d = (this.#d + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    this.#c |= 0
    return t >>> 0
  }

  /** A number from [0, 1) with 53 random bits. */
  next(): number {
    const high = this.uint32() >>> 5
    const low = this.uint32() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  fillBytes(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = this.uint32() & 0xff
  }

  /** A version 4 UUID of this sequence. */
  uuid(): string {
    const bytes = new Uint8Array(16)
    this.fillBytes(bytes)
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}

function hash3(text: string): [number, number, number] {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 0x85ebca6b)
    b = Math.imul(b ^ code, 0xc2b2ae35)
    c = Math.imul(c ^ (code + index), 0x27d4eb2f)
  }
  return [a ^ (b >>> 16), b ^ (c >>> 15), c ^ (a >>> 13)]
}
