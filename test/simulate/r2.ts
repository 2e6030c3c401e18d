/** R2 in memory, as far as payloads and the archiver use it. */
import { createHash } from 'node:crypto'
import type { Party } from '../../testing/simulated/faults.ts'
import type { Timeline } from '../../testing/simulated/timeline.ts'
import type { SeededFaults } from './faults.ts'

interface Stored {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
  readonly uploadedAt: number
  readonly customMetadata: Record<string, string>
}

interface Asked {
  readonly what: string
  readonly party: Party | null
  readonly key: string | undefined
}

type Put = Pick<R2PutOptions, 'customMetadata' | 'sha256'> & { onlyIf?: R2Conditional }
type List = Pick<R2ListOptions, 'prefix' | 'cursor' | 'limit' | 'delimiter'>

const PAGE = 1_000

export class SimulatedR2 {
  readonly objects = new Map<string, Stored>()
  readonly #timeline: Timeline
  readonly #faults: SeededFaults

  constructor(timeline: Timeline, faults: SeededFaults) {
    this.#timeline = timeline
    this.#faults = faults
  }

  /** The binding, as `party` holds it: whoever is lost puts nothing and hears nothing. */
  bindingOf(party: Party | null): R2Bucket {
    const asked = <T>(what: string, ask: () => T, key?: string): Promise<T> =>
      this.#asked({ what: `r2 ${what}`, party, key }, ask)
    const binding = {
      put: async (key: string, value: Uint8Array | ReadableStream | string, options: Put = {}) => {
        const bytes = await bytesOf(value)
        return await asked('put', () => this.#put(key, bytes, options), key)
      },
      get: (key: string, options: R2GetOptions = {}) => asked('get', () => this.#get(key, options), key),
      head: (key: string) => asked('head', () => this.#head(key)),
      delete: (keys: string | string[]) =>
        asked('delete', () => [keys].flat().forEach((key) => void this.objects.delete(key))),
      list: (options: List = {}) => asked('list', () => this.#list(options)),
    }
    return binding as unknown as R2Bucket // what is called of it
  }

  async #asked<T>({ what, party, key }: Asked, ask: () => T): Promise<T> {
    this.#faults.at(what, party, key)
    await this.#timeline.hop()
    if (party?.lost) return await new Promise<never>(() => {})
    const answer = await this.#faults.bucket(async () => ask())
    this.#faults.at(`${what} done`, party)
    await this.#timeline.hop()
    return party?.lost ? await new Promise<never>(() => {}) : answer
  }

  #put(key: string, bytes: Uint8Array<ArrayBuffer>, { onlyIf, sha256, customMetadata = {} }: Put) {
    const found = this.objects.get(key)
    if (onlyIf?.etagDoesNotMatch === '*' && found) return null
    if (onlyIf?.etagMatches !== undefined && found?.etag !== onlyIf.etagMatches) return null
    const hash = createHash('sha256').update(bytes).digest('hex')
    if (sha256 !== undefined && sha256 !== hash)
      throw new Error('put: The SHA-256 checksum you specified did not match what we received.')
    const stored = { bytes, etag: hash.slice(0, 32), uploadedAt: this.#timeline.now(), customMetadata }
    this.objects.set(key, stored)
    return described(key, stored)
  }

  #head(key: string) {
    const stored = this.objects.get(key)
    return stored ? described(key, stored) : null
  }

  #get(key: string, { range, onlyIf }: R2GetOptions) {
    const stored = this.objects.get(key)
    if (!stored) return null
    const wanted = onlyIf && 'etagMatches' in onlyIf ? onlyIf.etagMatches : undefined
    if (wanted !== undefined && wanted !== stored.etag) return described(key, stored)
    const { offset = 0, length = stored.bytes.length } = rangeOf(range)
    const bytes = stored.bytes.slice(offset, offset + length)
    return {
      ...described(key, stored),
      get body() {
        return new Response(bytes).body
      },
      arrayBuffer: async () => bytes.slice().buffer,
      text: async () => new TextDecoder().decode(bytes),
      json: async () => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
    }
  }

  #list({ prefix = '', cursor = '', limit = PAGE, delimiter }: List) {
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).toSorted()
    const folderOf = (key: string): string | null => {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
      return end === -1 ? null : key.slice(0, end + 1)
    }
    const names = [...new Set(keys.map((key) => folderOf(key) ?? key))].filter((name) => name > cursor)
    const page = names.slice(0, limit)
    const truncated = page.length < names.length
    const objects = page.flatMap((name) => {
      const stored = this.objects.get(name)
      return stored ? [described(name, stored)] : []
    })
    const delimitedPrefixes = page.filter((name) => !this.objects.has(name))
    return { objects, delimitedPrefixes, truncated, ...(truncated && { cursor: page.at(-1) }) }
  }
}

function described(key: string, { bytes, etag, uploadedAt, customMetadata }: Stored) {
  return {
    key,
    etag,
    httpEtag: `"${etag}"`,
    size: bytes.length,
    uploaded: new Date(uploadedAt),
    customMetadata,
  }
}

function rangeOf(range: R2GetOptions['range']): { offset?: number; length?: number } {
  if (range === undefined || range instanceof Headers || 'suffix' in range) return {}
  return range
}

async function bytesOf(value: Uint8Array | ReadableStream | string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof value === 'string') return new TextEncoder().encode(value) as Uint8Array<ArrayBuffer> // of its own
  return new Uint8Array(await new Response(value as BodyInit).arrayBuffer()) // bytes or a stream of them
}
