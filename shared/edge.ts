/**
 * Where large payloads leave a client as objects and come back as values.
 *
 * G1 The object is written before the request that refers to it.
 * G2 It is written under the run that the request reaches. A shard that would pass it to another run by then says so,
 *    and it is written again there.
 */
import { contentPayload, payloadContent } from './bucket.ts'
import { decode, encode, encodeFields } from './codec.ts'
import type { Poll, Shards } from './connection.ts'
import { WorkflowError } from './errors.ts'
import { decodePayload, largeBytes } from './payload.ts'
import type { Payload } from './payload.ts'
import type {
  QueryRequest,
  Reply,
  RunRequest,
  ShardAddress,
  SignalRequest,
  StartReply,
  StartRequest,
} from './protocol.ts'
import { referenceOf, visibleReference } from './reference.ts'
import type { Reference, TargetReply } from './reference.ts'
import type { UpdateReply, UpdateRequest } from './update.ts'

/** Starts a run; its large payloads are stored first. */
export async function sendStart(shards: Shards, given: StartRequest, poll?: Poll): Promise<StartReply> {
  const request = await encodedStart(shards, given)
  const { input, signal } = request
  if (isSmall(request)) return await shards.ask(request, (shard, one) => shard.start(one), poll)
  return await placed(async () => {
    const { latest, fresh, put } = await target(shards, request)
    const stored: StartRequest = { ...request, runId: fresh }
    if (isLarge(input, 'input')) stored.input = await place(put, fresh, input)
    const receiver = latest?.open ? latest.runId : fresh
    if (signal) stored.signal = { ...signal, ...(await placedPayload(put, receiver, signal.payload)) }
    return await shards.ask(stored, async (shard, one) => nullIfMoved(await shard.start(one)), poll)
  })
}

/** Whether everything it carries travels inline. */
export function isSmall({ input, signal }: StartRequest): boolean {
  return !isLarge(input, 'input') && !isLarge(signal?.payload, 'payload')
}

export async function sendSignal(shards: Shards, given: SignalRequest): Promise<void> {
  const { workflowId } = given
  const payload = await encode(shards.coding, given.payload, { workflowId, field: 'payload' })
  const request = { ...given, ...(payload !== undefined && { payload }) }
  if (!isLarge(payload, 'payload')) {
    await shards.ask(request, (shard, one) => shard.signal(one))
    return
  }
  await placed(async () => {
    const { latest, fresh, put } = await target(shards, request)
    // Nobody takes it: whatever the shard has to say comes of a request that refers to nothing.
    const receiver = latest?.open ? latest.runId : fresh
    const stored = { ...request, ...(await placedPayload(put, receiver, payload)) }
    return await shards.ask(stored, async (shard, one) => nullIfMoved(done(await shard.signal(one))))
  })
}

/** `poll` where the call is held open for the outcome. */
export async function sendUpdate(shards: Shards, given: UpdateRequest, poll?: Poll): Promise<UpdateReply> {
  const args = await encode(shards.coding, given.args, { workflowId: given.workflowId, field: 'args' })
  const request = { ...given, ...(args !== undefined && { args }) }
  if (!isLarge(args, 'args')) return await shards.ask(request, (shard, one) => shard.update(one), poll)
  return await placed(async () => {
    const { latest, fresh, put } = await target(shards, request)
    const { payload } = await placedPayload(put, latest?.open ? latest.runId : fresh, args)
    const stored = { ...request, ...(payload !== undefined && { args: payload }) }
    return await shards.ask(stored, async (shard, one) => nullIfMoved(await shard.update(one)), poll)
  })
}

export async function sendQuery(shards: Shards, given: QueryRequest): Promise<unknown> {
  const encoded = given.args.map((arg) =>
    encode(shards.coding, arg, { workflowId: given.workflowId, field: 'args' }),
  )
  const request = { ...given, args: await Promise.all(encoded) }
  const large = request.args.some((arg, index) => isLarge(arg, `args[${index}]`))
  if (!large) return await received(shards, await shards.ask(request, (shard, one) => shard.query(one)))
  const { latest, fresh, put } = await target(shards, request)
  const args: Payload[] = []
  for (const arg of request.args) args.push((await placedPayload(put, latest?.runId ?? fresh, arg)).payload)
  const answer = await shards.ask({ ...request, args }, (shard, one) => shard.query(one))
  return await received(shards, answer)
}

/** The payload as it is sent to an attempt's run: a reference where it is large. */
export async function placedFor(
  shards: Shards,
  { to, runId }: { to: ShardAddress; runId: string },
  payload: Payload,
): Promise<Payload> {
  return (await placedPayload({ shards, to }, runId, payload)).payload
}

/** The value of a payload, whatever its size. */
export async function received(shards: Shards, payload: Payload): Promise<unknown> {
  const reference = referenceOf(payload)
  const whole = reference ? await content(shards, reference) : payload
  return decodePayload(await decode(shards.coding, whole))
}

/** The payload itself where it is at most 8 MiB; above that, and for a client without a bucket, the reference. */
export async function visible(shards: Shards, payload: Payload): Promise<Payload> {
  const reference = visibleReference(payload)
  try {
    return await decode(shards.coding, reference ? await content(shards, reference) : payload)
  } catch (error) {
    if (error instanceof WorkflowError && error.code === 'not_configured') return payload
    throw error
  }
}

/** A start with its payloads behind the client's codec. */
export async function encodedStart<S extends Omit<StartRequest, 'to'>>(
  { coding }: Shards,
  request: S,
): Promise<S> {
  if (!coding) return request
  const { workflowId, signal, memo } = request
  const input = await encode(coding, request.input, { workflowId, field: 'input' })
  const payload = await encode(coding, signal?.payload, { workflowId, field: 'payload' })
  return {
    ...request,
    ...(input !== undefined && { input }),
    ...(signal && { signal: { ...signal, ...(payload !== undefined && { payload }) } }),
    ...(memo && { memo: await encodeFields(coding, memo, { workflowId, field: 'memo' }) }),
  }
}

function isLarge(payload: Payload, path: string): boolean {
  return largeBytes(payload, path) > 0
}

const MOVES = 5

/** What `send` gives once it has reached the run that it was stored for. */
async function placed<T>(send: () => Promise<T | null>): Promise<T> {
  for (let attempt = 1; attempt <= MOVES; attempt += 1) {
    const value = await send()
    if (value !== null) return value
  }
  throw new WorkflowError('overloaded', 'the workflow id changed hands again and again meanwhile: try again')
}

async function target(
  shards: Shards,
  { to, workflowId, runId, firstRunId }: RunRequest,
): Promise<TargetReply & { put: Place }> {
  const run = { ...(runId !== undefined && { runId }), ...(firstRunId !== undefined && { firstRunId }) }
  const found = await shards.ask({ to, workflowId, ...run }, (shard, one) => shard.target(one))
  return { ...found, put: { shards, to: { ...to, shard: found.shard ?? to.shard } } }
}

interface Place {
  shards: Shards
  to: { namespace: string; shard: number }
}

async function placedPayload(put: Place, runId: string, payload: Payload): Promise<{ payload: Payload }> {
  return { payload: isLarge(payload, 'payload') ? await place(put, runId, payload) : payload }
}

async function place({ shards, to }: Place, runId: string, payload: Payload): Promise<Reference> {
  const owner = { namespace: to.namespace, shard: to.shard, runId }
  return await shards.payloads.put(owner, payloadContent(payload ?? null))
}

/** `null` instead of the refusal that says that the request would reach another run than its payloads were stored for. */
function nullIfMoved<T>(reply: Reply<T>): Reply<T | null> {
  if (reply.ok || reply.facts?.['moved'] !== true) return reply
  return { ok: true, value: null }
}

function done(reply: Reply<null>): Reply<true> {
  return reply.ok ? { ok: true, value: true } : reply
}

async function content(shards: Shards, reference: Reference): Promise<Payload> {
  return contentPayload(await shards.payloads.get(reference))
}
