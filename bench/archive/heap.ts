/**
 * What the archiver's isolate holds, read off V8's own trace of its collections: each says how large the heap had become
 * just before it, and what lies outside of the heap (array buffers, WASM memory and code). Memory is largest then.
 */

export interface HeapPeak {
  heapMiB: number
  /** Array buffers, WASM memory, WASM code. */
  externalMiB: number
  totalMiB: number
}

/**
 * V8 lets young garbage lie where memory is plenty, and here it sees all of the machine's; in production an isolate has
 * 128 MB for everything. A small nursery keeps what is counted close to what is in use.
 */
export const TRACE_FLAGS = '--max-semi-space-size=4 --trace-gc --trace-gc-verbose'

const COLLECTION = /^\[\d+:(0x\w+)\]\s+\d+ ms: [^(]*?([\d.]+) \(/
const EXTERNAL = /^\[\d+:(0x\w+)\] External memory reported:\s+(\d+) KB/

export class HeapTrace {
  #rest = ''
  readonly #heaps = new Map<string, number>()
  readonly #peaks = new Map<string, HeapPeak>()
  #most = { isolate: '', externalMiB: 0 }

  read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#readLine(line)
  }

  /** Since it was last asked. The archiver's isolate is the one with WASM: no other has more outside of its heap. */
  peak(): HeapPeak | null {
    const peak = this.#peaks.get(this.#most.isolate) ?? null
    this.#peaks.clear()
    return peak
  }

  #readLine(line: string): void {
    const [, collected = '', used] = COLLECTION.exec(line) ?? []
    if (used !== undefined) this.#heaps.set(collected, Number(used))
    const [, isolate = '', kilobytes] = EXTERNAL.exec(line) ?? []
    const heapMiB = this.#heaps.get(isolate)
    if (kilobytes === undefined || heapMiB === undefined) return
    const externalMiB = Math.round(Number(kilobytes) / 102.4) / 10
    const totalMiB = Math.round((heapMiB + externalMiB) * 10) / 10
    if (externalMiB > this.#most.externalMiB) this.#most = { isolate, externalMiB }
    if (totalMiB > (this.#peaks.get(isolate)?.totalMiB ?? 0))
      this.#peaks.set(isolate, { heapMiB, externalMiB, totalMiB })
  }
}
