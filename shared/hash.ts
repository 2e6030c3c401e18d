/** MurmurHash3, 32 bits, as Austin Appleby published it. Clients bundle it, so it is no larger than it must be. */
const encoder = new TextEncoder()

/** The hash of the UTF-8 of `text`, from 0 to 2^32 - 1. */
export function hashOf(text: string, seed = 0): number {
  const bytes = encoder.encode(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let hash = seed
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    hash = rotated(hash ^ mixed(view.getUint32(at, true)), 13)
    hash = Math.imul(hash, 5) + 0xe6546b64
  }
  let tail = 0
  for (let last = bytes.length - 1; last >= at; last -= 1) tail = (tail << 8) | view.getUint8(last)
  hash ^= mixed(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function mixed(block: number): number {
  return Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593)
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
