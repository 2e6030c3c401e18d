/** Random draws and ids, as they are given to whoever needs one: in a simulation a seed decides them. */
import { newId } from './ids.ts'
import type { Time } from './time.ts'

export interface Chance {
  /** A number from [0, 1). */
  draw(): number
  /** A ULID of that time (epoch ms). */
  newId(now: number): string
  uuid(): string
}

/** What the machine lends to whoever waits and draws. */
export interface Host {
  readonly time: Time
  readonly chance: Chance
}

export const realChance: Chance = {
  draw: () => Math.random(),
  newId,
  uuid: () => crypto.randomUUID(),
}
