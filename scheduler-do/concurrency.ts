/**
 * Concurrency keys. The line of a key is kept by the shard that its name hashes to; the shard of an activity asks there for
 * a place, and gives it back when the activity ends. The messages between them arrive once and in order.
 */
import { keyGranted } from '../shared/core/attempt.ts'
import type { ActivityTask } from '../shared/core/attempt.ts'
import type { ParentLink } from '../shared/core/events.ts'
import { KeyLine } from '../shared/core/key-line.ts'
import type { Delivery, KeyDelivery } from '../shared/delivery.ts'
import { unreachable } from '../shared/core/unreachable.ts'
import type { KeyLineChange } from './changes.ts'
import { lineKey } from './keys.ts'
import type { Turn } from './turn.ts'

export function isOfKey(delivery: Delivery): delivery is KeyDelivery {
  return 'concurrencyKey' in delivery
}

/** Asks for a place, where the activity has a key. */
export function requestKey(turn: Turn, task: ActivityTask): void {
  sendToLine(turn, task, 'request_key')
}

/** Gives its place back, whether it holds the key or waits for it. */
export function releaseKey(turn: Turn, task: ActivityTask): void {
  sendToLine(turn, task, 'key_released')
}

function sendToLine(turn: Turn, task: ActivityTask, kind: 'request_key' | 'key_released'): void {
  const { workflowId, runId, seq, taskQueue, concurrencyKey } = task
  if (concurrencyKey === undefined) return
  const from = { workflowId, runId, shard: turn.world.shard, seq }
  turn.send(runId, shardOfKey(turn, taskQueue, concurrencyKey), { kind, from, taskQueue, concurrencyKey })
}

function shardOfKey(turn: Turn, taskQueue: string, concurrencyKey: string): number {
  return turn.world.shardOf(`${taskQueue}/${concurrencyKey}`)
}

export function applyKey(turn: Turn, delivery: KeyDelivery): void {
  switch (delivery.kind) {
    case 'request_key':
      join(turn, delivery)
      return
    case 'key_released':
      leave(turn, delivery)
      return
    case 'key_granted':
      begin(turn, delivery)
      return
    default:
      unreachable(delivery)
  }
}

type ToLine = Extract<KeyDelivery, { kind: 'request_key' | 'key_released' }>

function join(turn: Turn, asked: ToLine): void {
  const { line, joined } = lineOf(turn, asked)
  const place = line.join(asked.from)
  if (place) joined.add(place)
  // One that holds it and asks again has not heard of it.
  if (line.isHeldBy(asked.from)) grant(turn, asked.from, asked)
}

function leave(turn: Turn, released: ToLine): void {
  const { line, joined, left } = lineOf(turn, released)
  const before = line.holder
  const place = line.leave(released.from)
  if (!place) return
  if (!joined.delete(place)) left.add(place)
  if (line.holder && line.holder !== before) grant(turn, line.holder, released)
}

function grant(turn: Turn, holder: ParentLink, { taskQueue, concurrencyKey }: ToLine): void {
  const { workflowId, runId, shard, seq } = holder
  const to = { workflowId, runId }
  turn.send('', shard, { kind: 'key_granted', to, seq, taskQueue, concurrencyKey })
}

/** What has ended meanwhile needs its key no more. */
function begin(turn: Turn, granted: Extract<KeyDelivery, { kind: 'key_granted' }>): void {
  const { to, seq, taskQueue, concurrencyKey } = granted
  const task = turn.task(to.runId, seq)
  if (task) {
    if (task.awaitsKey) turn.changes.setTask(keyGranted(task), { persist: true })
    return
  }
  const from = { ...to, shard: turn.world.shard, seq }
  const shard = shardOfKey(turn, taskQueue, concurrencyKey)
  turn.send(to.runId, shard, { kind: 'key_released', from, taskQueue, concurrencyKey })
}

function lineOf(turn: Turn, { taskQueue, concurrencyKey }: ToLine): KeyLineChange {
  const name = lineKey(taskQueue, concurrencyKey)
  const { keyLines } = turn.changes
  const known = keyLines.get(name)
  if (known) return known
  const line = new KeyLine(turn.world.keyLine(name)?.places)
  const change: KeyLineChange = { taskQueue, concurrencyKey, line, joined: new Set(), left: new Set() }
  keyLines.set(name, change)
  return change
}
