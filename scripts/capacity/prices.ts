/**
 * What Cloudflare charges on the paid plan beyond what is included, in dollars, and the limits that a plan runs into;
 * docs/design/capacity.md names the page that each is from.
 */
export const PRICES = {
  /** Per million. */
  rowsWritten: 1,
  /** Per million; RPC calls, requests and alarms of an object. */
  objectRequests: 0.15,
  /** Per million GB-s; an object counts as 128 MB while it is active. */
  objectDuration: 12.5,
  /** Per million operations of up to 64 KB: a message is written, read and deleted. */
  queueOperations: 0.4,
  /** Per million invocations of a Worker; calls over service bindings are none. */
  workerRequests: 0.3,
  /** Per million milliseconds. */
  workerCpuMs: 0.02,
  /** Per million: puts and lists. */
  bucketWrites: 4.5,
  /** Per million: gets. */
  bucketReads: 0.36,
  /** Per GB and month. */
  bucketStorage: 0.015,
  /** Per GB and month. */
  objectStorage: 0.2,
} as const

export const LIMITS = {
  /** Messages a second of one Queue. */
  queueMessagesPerSecond: 5_000,
  /** Invocations of the consumers of one Queue at a time. */
  queueConsumers: 250,
  messagesPerBatch: 100,
  objectMemoryGb: 0.128,
} as const
