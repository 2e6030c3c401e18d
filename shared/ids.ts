/** Ids that sort by time: ULIDs, which are 10 digits of milliseconds and 16 random ones, to the base of 32. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 16
const ULID = /^[0-7][\dA-HJKMNP-TV-Z]{25}$/

/** Random bytes for many ids: the platform is asked for them once. */
const pool = new Uint8Array(64 * RANDOM_DIGITS)
let used = pool.length

/** A new id; `now` (epoch ms) is its time, by default the present. */
export function newId(now = Date.now()): string {
  let time = ''
  for (let left = now; time.length < TIME_DIGITS; left = Math.floor(left / DIGITS.length))
    time = DIGITS.charAt(left % DIGITS.length) + time
  if (used === pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const random = pool.subarray(used, used + RANDOM_DIGITS)
  used += RANDOM_DIGITS
  return random.reduce((id, byte) => id + DIGITS.charAt(byte % DIGITS.length), time)
}

/** A new id that sorts behind `other`, whatever its time. */
export function newIdAfter(other: string, now: number): string {
  const id = newId(now)
  return id > other ? id : successorOf(other)
}

/** The 16 bytes of an id, in hex. */
export function idHex(id: string): string {
  const bits = Array.from(id, (digit) => BigInt(DIGITS.indexOf(digit))).reduce(
    (sum, digit) => sum * 32n + digit,
  )
  return bits.toString(16).padStart(32, '0')
}

/** When an id was made (epoch ms); null for what is no id. */
export function idTime(id: string): number | null {
  if (!ULID.test(id)) return null
  const digits = Array.from(id.slice(0, TIME_DIGITS), (digit) => DIGITS.indexOf(digit))
  return digits.reduce((time, digit) => time * DIGITS.length + digit, 0)
}

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
