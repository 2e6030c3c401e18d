/** Whatever there may be, as text for people. Never throws. */
import { MAX_DEPTH } from '../payload.ts'

export function textOf(value: unknown): string {
  try {
    const json = typeof value === 'object' ? jsonOf(value) : undefined
    if (json !== undefined && json !== '{}') return json
  } catch {
    // a cycle or a bigint
  }
  try {
    return String(value)
  } catch {
    return Object.prototype.toString.call(value) // it has no prototype, or a toString that throws
  }
}

/** As deep as a payload is: JSON.stringify takes the square of the depth. Cycles it refuses by itself. */
function jsonOf(value: object | null): string | undefined {
  const depths = new WeakMap<object, number>()
  return JSON.stringify(value, function (this: object, _key, part: unknown) {
    if (typeof part !== 'object' || part === null) return part
    const depth = (depths.get(this) ?? 0) + 1
    depths.set(part, depth)
    return depth > MAX_DEPTH ? '...' : part
  })
}
