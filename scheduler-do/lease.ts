/**
 * One archiver at a time. The lease of a namespace is kept by the object `<namespace>/archive`, which is no shard; every
 * shard keeps the highest fence it was shown.
 *
 * F1 The fence rises with every new holder, and is never given twice.
 * F2 A shard does nothing for a lower fence than it has seen, whatever the clocks say. The check and what it allows
 *    happen between two turns, without an await between them.
 */
import type { AcquireArchiveRequest, ArchiveLease } from '../shared/archive.ts'
import { invalid } from '../shared/names.ts'
import type { Refusal, Reply, ShardAddress } from '../shared/protocol.ts'
import type { Shard } from './shard.ts'
import { readFact, writeFact } from './store/meta.ts'

const MAX_TTL_MS = 3_600_000

export function acquireArchive(shard: Shard, request: AcquireArchiveRequest): Reply<ArchiveLease> {
  const { holder, ttlMs } = request
  if (holder === '') throw invalid('holder', 'a text that is not empty', holder)
  if (!(Number.isSafeInteger(ttlMs) && ttlMs > 0 && ttlMs <= MAX_TTL_MS))
    throw invalid('ttlMs', 'a whole number of milliseconds, an hour at most', ttlMs)
  const now = shard.clock.now()
  const lease = readFact(shard.sql, 'archive_lease') ?? { holder: null, until: 0, fence: 0 }
  const same = lease.holder === holder
  if (!same && lease.holder !== null && lease.until > now) return held(request.namespace, lease.until)
  const fence = same ? lease.fence : lease.fence + 1
  const until = now + ttlMs
  writeFact(shard.sql, 'archive_lease', { ...lease, holder, until, fence, ...(!same && { beganAt: now }) })
  return { ok: true, value: { fence, until } }
}

/** Ends the lease of `holder`; one that is not its own (any more) stays as it is. */
export function releaseArchive(shard: Shard, { holder }: { holder: string }): Reply<null> {
  const lease = readFact(shard.sql, 'archive_lease')
  const endedAt = shard.clock.now()
  if (lease?.holder === holder)
    writeFact(shard.sql, 'archive_lease', { ...lease, holder: null, until: 0, endedAt })
  return { ok: true, value: null }
}

function held(namespace: string, until: number): Refusal {
  const message = `another pass holds the archive of ${namespace} until ${new Date(until).toISOString()}`
  return { ok: false, code: 'lease_held', message, facts: { until } }
}

/** Does what the holder of `fence` asks, unless a later holder has been here. */
export function underFence<R extends { to: ShardAddress; fence: number }, T>(
  act: (shard: Shard, request: R) => Reply<T>,
): (shard: Shard, request: R) => Promise<Reply<T>> {
  return (shard, request) => shard.read(async () => admitFence(shard, request.fence) ?? act(shard, request))
}

function admitFence(shard: Shard, fence: number): Refusal | null {
  if (!(Number.isSafeInteger(fence) && fence > 0)) throw invalid('fence', 'the fence of a lease', fence)
  const seen = readFact(shard.sql, 'archive_fence') ?? 0
  if (fence < seen) {
    const message = `the lease with fence ${fence} is over: a pass with fence ${seen} has been here`
    return { ok: false, code: 'lease_lost', message, facts: { fence: seen } }
  }
  if (seen === 0) writeFact(shard.sql, 'archived_since', shard.clock.now())
  if (fence > seen) writeFact(shard.sql, 'archive_fence', fence)
  return null
}
