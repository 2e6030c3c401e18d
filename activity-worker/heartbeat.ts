/**
 * Keeps the claims of one batch and shard alive, and carries the heartbeats of its activities.
 *
 * H1 Every open claim is renewed every 5 s, whether its activity says something or not.
 * H2 One renewal is in flight at a time. It carries every open claim and all details not yet confirmed, so a
 *    heartbeat costs its neighbours nothing and resets their clock.
 * H3 The first heartbeat of an attempt leaves at once, later ones at most every min(5 s, a third of the heartbeat
 *    timeout); the last details given are never lost: what is unconfirmed at the end goes with the settlement.
 * H4 No claim, no timer.
 */
import type { RenewReply, RenewRequest, TaskKey } from '../shared/protocol.ts'
import { pause } from '../shared/time.ts'
import type { Time } from '../shared/time.ts'
import { log } from './log.ts'

const RENEW_MS = 5_000
/** A failed renewal is tried again soon: a claim that is silent for 15 s may be taken over. */
const RENEW_AGAIN_MS = 1_000
/** A loop of nothing but heartbeats lets the event loop run this often: the answer that cancels it must get in. */
const BEATS_PER_MACROTASK = 1_000

type RenewedTask = RenewRequest['tasks'][number]
export type Heartbeat = NonNullable<RenewedTask['heartbeat']>

export interface ClaimHolder {
  readonly key: TaskKey
  readonly heartbeatMs: number | undefined
  /** The workflow asked to cancel the activity. Called once. */
  onCancel(): void
  /** The attempt is another consumer's by now, and this claim is closed. */
  onSuperseded(): void
}

interface OpenClaim {
  /** Resolves when the renewal that is on its way has been answered; at once when the heartbeat has to wait its turn. */
  beat: (heartbeat: Heartbeat) => Promise<void>
  /** The last heartbeat, unless the scheduler has confirmed it. */
  unconfirmed: () => Heartbeat | undefined
  close: () => void
}

interface Claim {
  readonly holder: ClaimHolder
  readonly intervalMs: number
  latest: Heartbeat | undefined
  nextBeatAt: number
  beats: number
  cancelled: boolean
}

export class Renewals {
  readonly #send: (tasks: RenewedTask[]) => Promise<readonly RenewReply[]>
  readonly #open = new Set<Claim>()
  #renewAt = 0
  readonly #time: Time
  #cancelTimer: (() => void) | undefined
  #timerAt = Infinity
  #inFlight: Promise<void> | undefined

  constructor(send: (tasks: RenewedTask[]) => Promise<readonly RenewReply[]>, time: Time) {
    this.#send = send
    this.#time = time
  }

  open(holder: ClaimHolder): OpenClaim {
    const intervalMs = Math.min(RENEW_MS, (holder.heartbeatMs ?? Infinity) / 3)
    const claim: Claim = { holder, intervalMs, latest: undefined, nextBeatAt: 0, beats: 0, cancelled: false }
    if (this.#open.size === 0) this.#renewAt = this.#time.now() + RENEW_MS
    this.#open.add(claim)
    this.#arm(this.#renewAt)
    return {
      beat: (heartbeat) => this.#beat(claim, heartbeat),
      unconfirmed: () => claim.latest,
      close: () => this.#close(claim),
    }
  }

  async #beat(claim: Claim, heartbeat: Heartbeat): Promise<void> {
    if (!this.#open.has(claim)) return
    claim.latest = { ...claim.latest, ...heartbeat } // a bare heartbeat says "alive" and takes nothing back
    if (this.#inFlight === undefined && this.#time.now() >= claim.nextBeatAt) this.#renew()
    if (this.#inFlight !== undefined) return await this.#inFlight
    this.#arm(claim.nextBeatAt)
    claim.beats += 1
    if (claim.beats % BEATS_PER_MACROTASK === 0) await pause(this.#time, 0)
  }

  #close(claim: Claim): void {
    this.#open.delete(claim)
    if (this.#open.size === 0) this.#disarm()
  }

  #renew(): void {
    this.#disarm()
    this.#inFlight = this.#exchange().finally(() => {
      this.#inFlight = undefined
      this.#armForNext()
    })
  }

  async #exchange(): Promise<void> {
    const now = this.#time.now()
    const claims = [...this.#open]
    const carried = claims.map(({ latest }) => latest)
    this.#renewAt = now + RENEW_MS
    for (const claim of claims) if (claim.latest !== undefined) claim.nextBeatAt = now + claim.intervalMs
    try {
      const replies = await this.#send(claims.map(renewedTask))
      claims.forEach((claim, index) => this.#heed(claim, carried[index], replies[index]))
    } catch (error) {
      this.#renewAt = this.#time.now() + RENEW_AGAIN_MS
      log('renewal_failed', { claims: claims.length, error: String(error) })
    }
  }

  #heed(claim: Claim, carried: Heartbeat | undefined, reply: RenewReply | undefined): void {
    if (reply === undefined || !this.#open.has(claim)) return
    if (claim.latest === carried) claim.latest = undefined
    if (reply.superseded) {
      this.#close(claim)
      claim.holder.onSuperseded()
    } else if (reply.cancel && !claim.cancelled) {
      claim.cancelled = true
      claim.holder.onCancel()
    }
  }

  #armForNext(): void {
    const beats = [...this.#open].filter(({ latest }) => latest !== undefined)
    this.#arm(Math.min(this.#renewAt, ...beats.map(({ nextBeatAt }) => nextBeatAt)))
  }

  /** Keeps the earlier of the two when a timer is set already. */
  #arm(at: number): void {
    if (this.#open.size === 0 || this.#inFlight !== undefined || at >= this.#timerAt) return
    this.#disarm()
    this.#timerAt = at
    this.#cancelTimer = this.#time.after(Math.max(0, at - this.#time.now()), () => this.#renew())
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#timerAt = Infinity
  }
}

function renewedTask({ holder, latest }: Claim): RenewedTask {
  return latest === undefined ? holder.key : { ...holder.key, heartbeat: latest }
}
