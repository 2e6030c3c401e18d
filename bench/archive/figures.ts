/** What crosses between the archive workload (Node) and its driver Worker. Imports nothing: both sides load it. */

export interface OrderLine {
  sku: string
  quantity: number
  unitPrice: number
}

/** As the order example has it. */
export interface Order {
  id: string
  lines: readonly OrderLine[]
  shipping: { customer: string; country: string }
}

export interface Ask {
  /** Runs of the order workflow, started and waited for. Inline: a step of theirs costs no queue. */
  fill: { namespace: string; lane: 'inline' | 'queue'; orders: readonly Order[] }
  /** The same, spread evenly over that time, whether the engine keeps up or not. */
  load: { namespace: string; forMs: number; orders: readonly Order[] }
  /** One pass of the archiver over the namespace. */
  pass: { namespace: string }
  /** Reads each of the runs `times` times. `cold`: past its warm object. */
  read: { namespace: string; workflowIds: readonly string[]; times: number; tier: 'warm' | 'cold' }
}

export interface Answer {
  fill: { rows: number; wallMs: number }
  /** Latencies count from the times at which the runs were to start. */
  load: { samplesMs: number[]; failures: string[] }
  pass: PassFigures
  read: { samplesMs: number[]; gets: number; events: number }
}

export interface PassFigures {
  /** Hot to warm: until the last batch was confirmed. */
  warm: { rows: number; bytes: number; batches: number; ms: number }
  /** Warm to cold: until both tables had been committed to and the batches marked. */
  cold: { rows: number; files: number; ms: number }
  /** Snapshots that the pass appended, by table. */
  commits: { history: number; executions: number }
  backlog: number
  ms: number
  /** The size of the WASM memory, which never shrinks. */
  wasmBytes: number
  r2: { gets: number; puts: number; heads: number }
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
