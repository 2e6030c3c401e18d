/** Runs moved from tier to tier, a step at a time, as tests ask for it. */
import { valueOf } from '../../archiver/answers.ts'
import type { LeasedShard } from '../../archiver/phases/context.ts'
import { source } from '../archiver/passes.ts'
import { cool, expire, lease, shardTo, warm } from '../archiver/steps.ts'
import { client, until } from '../conformance/world.ts'

export const HOUR_MS = 3_600_000

/** What a pass that lasts as long as its test file carries. */
export async function passOn(shard: number): Promise<LeasedShard> {
  const { fence } = await lease(`pass of the file`, HOUR_MS)
  return { to: shardTo(shard), fence }
}

/** Archives until none of the ids is hot: what has just closed must first be told to the change events' sink. */
export async function toWarm(by: LeasedShard, ...workflowIds: string[]): Promise<void> {
  await until(async () => {
    while (await warm(by));
    const found = await Promise.all(workflowIds.map((id) => client.describe(id)))
    return found.every(({ tier }) => tier !== 'hot')
  })
}

export async function toCold(by: LeasedShard, ...workflowIds: string[]): Promise<void> {
  await toWarm(by, ...workflowIds)
  while (await cool(by));
}

/** The runs' type must be one whose warm age is nothing. */
export async function toSegment(by: LeasedShard, ...workflowIds: string[]): Promise<void> {
  await toCold(by, ...workflowIds)
  while (await expire(by));
}

export async function garbageOf(by: LeasedShard): Promise<string[]> {
  return valueOf(await source.garbage({ ...by, maxKeys: 1_000 }))
}
