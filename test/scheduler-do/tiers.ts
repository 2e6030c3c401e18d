/** Runs moved from tier to tier, a step at a time, as tests ask for it. */
import type { ArchiveApi } from '../../shared/archive.ts'
import { client, until, world } from '../conformance/world.ts'
import { cool, expire, lease, shardTo, valueOf, warm } from './archiver.ts'
import type { Archive, Fenced } from './archiver.ts'

export const service = world.WORKFLOWS as unknown as ArchiveApi // the service forwards every verb of a shard
export const archive: Archive = { service, bucket: world.ARCHIVE }
export const HOUR_MS = 3_600_000

/** What a pass that lasts as long as its test file carries. */
export async function passOn(shard: number): Promise<Fenced> {
  const { fence } = await lease(archive, `pass of the file`, HOUR_MS)
  return { to: shardTo(shard), fence }
}

/** Archives until none of the ids is hot: what has just closed must first be told to the change events' sink. */
export async function toWarm(by: Fenced, ...workflowIds: string[]): Promise<void> {
  await until(async () => {
    while (await warm(archive, by));
    const found = await Promise.all(workflowIds.map((id) => client.describe(id)))
    return found.every(({ tier }) => tier !== 'hot')
  })
}

export async function toCold(by: Fenced, ...workflowIds: string[]): Promise<void> {
  await toWarm(by, ...workflowIds)
  while (await cool(archive, by));
}

/** The runs' type must be one whose warm age is nothing. */
export async function toSegment(by: Fenced, ...workflowIds: string[]): Promise<void> {
  await toCold(by, ...workflowIds)
  while (await expire(archive, by));
}

export async function garbageOf(by: Fenced): Promise<string[]> {
  return valueOf(await service.garbage({ ...by, maxKeys: 1_000 }))
}
