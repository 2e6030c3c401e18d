/** Values on their way from one Worker to another: copies, and what RPC refuses is refused. */

/** A copy of what arrives on the other side; throws a `DataCloneError` for what RPC does not carry. */
export function carried<T>(value: T): T {
  checkPlain(value, new Set())
  return structuredClone(value)
}

/** An error as it arrives: of the class Error, with the name, the message and the properties that it had. */
export function carriedError(error: unknown): unknown {
  if (!(error instanceof Error)) return carried(error)
  const { name, message, cause } = error
  const arrived = new Error(message, cause === undefined ? {} : { cause: carriedError(cause) })
  return Object.assign(arrived, { name, ...plainProperties(error), remote: true })
}

function plainProperties(error: Error): Record<string, unknown> {
  const entries = Object.entries(error).filter(([, value]) => typeof value !== 'function')
  return Object.fromEntries(entries.map(([key, value]) => [key, carried(value)]))
}

const CARRIED = [Date, RegExp, Map, Set, Error, ArrayBuffer, DataView]

/** structuredClone would make plain objects of instances of classes, where RPC refuses them. */
function checkPlain(value: unknown, above: Set<object>): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return
  if (above.has(value)) return
  above.add(value)
  if (value instanceof Map) for (const entry of value) entry.forEach((part) => checkPlain(part, above))
  else if (value instanceof Set) for (const member of value) checkPlain(member, above)
  else if (Array.isArray(value) || isPlain(value))
    for (const part of Object.values(value)) checkPlain(part, above)
  else if (!CARRIED.some((kind) => value instanceof kind)) throw notCarried(value)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function notCarried(value: object): DOMException {
  const message = `Could not serialize object of type "${value.constructor.name}". This type does not support serialization.`
  return new DOMException(message, 'DataCloneError')
}
