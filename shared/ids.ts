/** Ids that sort by time: ULIDs. Their random part comes from a pool, since the library draws each character by itself. */
import { decodeTime, isValid, ulid, ulidToUUID } from 'ulid'

const pool = new Uint8Array(1_024)
let used = pool.length

/** A new id; `now` (epoch ms) is its time, by default the present. */
export function newId(now?: number): string {
  return ulid(now, draw)
}

/** `id`, or where it does not sort behind `other` the least one that does. */
export function idAfter(other: string, id: string): string {
  return id > other ? id : successorOf(other)
}

/** The 16 bytes of an id, in hex. */
export function idHex(id: string): string {
  return ulidToUUID(id).replaceAll('-', '').toLowerCase()
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The least id behind `id`. */
function successorOf(id: string): string {
  const digits = Array.from(id, (digit) => DIGITS.indexOf(digit))
  let place = digits.length - 1
  while (digits[place] === DIGITS.length - 1) {
    digits[place] = 0
    place -= 1
  }
  digits[place] = (digits[place] ?? 0) + 1
  return digits.map((digit) => DIGITS[digit]).join('')
}

/** 26 digits of five bits are 130: an id has 128, so its first digit is 7 at most. */
const BEYOND_TIME = '8'

/** When an id was made (epoch ms); null for what is no id. */
export function idTime(id: string): number | null {
  return isValid(id) && id < BEYOND_TIME ? decodeTime(id) : null
}

/** A number from [0, 1) with the 8 random bits that a character's 5 are taken from. */
function draw(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const byte = pool[used] ?? 0
  used += 1
  return byte / 256
}
