/** An R2 bucket in memory, as far as the archive uses one: Node has none. */
import { createHash } from 'node:crypto'

interface Stored {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
  readonly customMetadata: Record<string, string>
}

type Given = Parameters<R2Bucket['put']>
interface PutOptions {
  readonly onlyIf?: { readonly etagMatches?: string; readonly etagDoesNotMatch?: string }
  readonly customMetadata?: Record<string, string>
}

export class MemoryBucket {
  readonly #objects = new Map<string, Stored>()

  get binding(): R2Bucket {
    return this as unknown as R2Bucket // of its methods, those below
  }

  /** What it holds, to tell whether anything was written. */
  get fingerprint(): string {
    return Array.from(this.#objects, ([key, { etag }]) => `${key} ${etag}`).join('\n')
  }

  async put(key: string, value: Given[1], options: PutOptions = {}): Promise<object | null> {
    const { onlyIf, customMetadata = {} } = options
    const found = this.#objects.get(key)
    if (onlyIf?.etagDoesNotMatch === '*' && found !== undefined) return null
    if (onlyIf?.etagMatches !== undefined && onlyIf.etagMatches !== found?.etag) return null
    const bytes = new Uint8Array(await new Response(value as BodyInit).arrayBuffer())
    const stored = { bytes, etag: createHash('md5').update(bytes).digest('hex'), customMetadata }
    this.#objects.set(key, stored)
    return shownAs(key, stored)
  }

  get(key: string, options: { range?: { offset: number; length: number } } = {}): Promise<object | null> {
    const stored = this.#objects.get(key)
    if (stored === undefined) return Promise.resolve(null)
    const { offset = 0, length = stored.bytes.length } = options.range ?? {}
    const bytes = stored.bytes.slice(offset, offset + length)
    return Promise.resolve({
      ...shownAs(key, stored),
      text: () => Promise.resolve(new TextDecoder().decode(bytes)),
      arrayBuffer: () => Promise.resolve(bytes.slice().buffer),
      body: { cancel: () => Promise.resolve() },
    })
  }

  head(key: string): Promise<object | null> {
    const stored = this.#objects.get(key)
    return Promise.resolve(stored ? shownAs(key, stored) : null)
  }

  delete(keys: string | string[]): Promise<void> {
    for (const key of [keys].flat()) this.#objects.delete(key)
    return Promise.resolve()
  }

  list({ prefix = '', delimiter }: { prefix?: string; delimiter?: string } = {}): Promise<object> {
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix))
    const folders = found.flatMap(([key]) => {
      const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length)
      return end === -1 ? [] : [key.slice(0, end + 1)]
    })
    const objects = found.map(([key, stored]) => shownAs(key, stored))
    return Promise.resolve({ objects, delimitedPrefixes: [...new Set(folders)], truncated: false })
  }
}

function shownAs(key: string, { bytes, etag, customMetadata }: Stored) {
  return { key, etag, size: bytes.length, customMetadata }
}
