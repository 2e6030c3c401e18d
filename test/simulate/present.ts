/**
 * The clock, the timers, the draws and the log that the platform lends to everyone: in a simulation they are the seed's,
 * for clients, the archiver and user code too. Imported ahead of the engine, which keeps what it finds here as the originals.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { setImmediate as macrotask } from 'node:timers'
import { newId } from '../../shared/ids.ts'
import type { Time } from '../../shared/time.ts'
import type { Random } from './random.ts'

export interface Present {
  readonly time: Time
  readonly random: Random
  /** Hears of each line that the engine logs. */
  readonly onLog: (line: string) => void
}

let present: Present | null = null

/** From now on everything outside the engine has its time and draws from here; null: from the machine again. */
export function simulated(now: Present | null): void {
  present = now
  stacksFor(now)
  if (!now) return
  // Ids take their random part from a pool: what an earlier seed has left of it is used up.
  refilled = false
  do newId()
  while (!wasRefilled())
}

const realNow = Date.now

/** What an engine logs that has no world any more is not heard. */
export function silence(): void {
  real.log = () => {}
}

/** Ends when everything that is ready has happened, of real promises too. */
export function realTurn(): Promise<void> {
  return new Promise((resolve) => {
    macrotask(resolve)
  })
}

let refilled = false
const wasRefilled = (): boolean => refilled
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  random: Math.random,
  uuid: crypto.randomUUID.bind(crypto),
  fill: crypto.getRandomValues.bind(crypto),
  log: console.log,
}

/** A timer of the simulation, as whoever set it holds it. */
class Timer {
  readonly cancel: () => void
  constructor(cancel: () => void) {
    this.cancel = cancel
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
}

function uuidOf(random: Random): ReturnType<typeof crypto.randomUUID> {
  const hex = Array.from({ length: 32 }, () => random.int(16).toString(16)).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
}

function setVirtualTimeout(then: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown {
  if (!present) return real.setTimeout(then, ms, ...args)
  return new Timer(present.time.after(ms, () => then(...args)))
}

function clearVirtualTimeout(timer: unknown): void {
  if (timer instanceof Timer) timer.cancel()
  else real.clearTimeout(timer as NodeJS.Timeout) // what setTimeout gave
}

function fill<T extends ArrayBufferView>(view: T): T {
  refilled = true
  if (!present) return real.fill(view as T & Uint8Array<ArrayBuffer>) // any view of numbers is filled
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = present.random.int(256)
  return view
}

type Bytes = ArrayBuffer | Uint8Array

/** At once: off this thread, the order of ends would be another each time. */
const subtle = {
  digest: async (_name: string, data: Bytes) => bytesOf(createHash('sha256').update(viewOf(data)).digest()),
  importKey: async (_format: string, key: Bytes) => viewOf(key),
  sign: async (_name: string, key: Uint8Array, data: Bytes) => bytesOf(signature(key, data)),
  verify: async (_name: string, key: Uint8Array, ...[given, data]: Bytes[]) => {
    const expected = signature(key, data ?? new Uint8Array())
    const shown = viewOf(given ?? new Uint8Array())
    return shown.length === expected.length && timingSafeEqual(expected, shown)
  },
}

function signature(key: Uint8Array, data: Bytes): Buffer {
  return createHmac('sha256', key).update(viewOf(data)).digest()
}

function viewOf(data: Bytes): Uint8Array {
  return data instanceof Uint8Array ? data : new Uint8Array(data)
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer
}

Date.now = () => (present ? present.time.now() : realNow())
console.log = (...told: unknown[]) => (present ? present.onLog(told.join(' ')) : real.log(...told))
Math.random = () => (present ? present.random.next() : real.random())
Object.assign(globalThis, {
  setTimeout: setVirtualTimeout,
  clearTimeout: clearVirtualTimeout,
  scheduler: { wait: (ms: number) => new Promise((resolve) => void setVirtualTimeout(resolve, ms)) },
})
Object.defineProperties(crypto, {
  randomUUID: {
    value: () => (present ? uuidOf(present.random) : real.uuid()),
    configurable: true,
    writable: true,
  },
  getRandomValues: { value: fill, configurable: true, writable: true },
  subtle: { get: () => subtle, configurable: true },
})

const realStacks = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')

/** Histories hold stacks, which must be the same wherever the code lies and whoever has compiled it. */
function stacksFor(now: Present | null): void {
  if (now) Error.prepareStackTrace = stackOf
  else if (realStacks) Object.defineProperty(Error, 'prepareStackTrace', realStacks)
  else Reflect.deleteProperty(Error, 'prepareStackTrace')
}

function stackOf(error: Error, sites: NodeJS.CallSite[]): string {
  return [String(error), ...sites.map((site) => `    at ${frameOf(site)}`)].join('\n')
}

function frameOf(site: NodeJS.CallSite): string {
  return `${site.getFunctionName() ?? '<anonymous>'} (${site.getFileName()?.split('/').at(-1) ?? '<anonymous>'})`
}
