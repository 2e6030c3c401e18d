/**
 * Closed runs are deleted once a world has come to rest and everything was held against it: while things go wrong again,
 * by clients that ask until they are answered. I14 says what must hold afterwards.
 */
import { codeOf, endedOf, isUnanswered } from './answers.ts'
import { ARCHIVE_INVARIANTS } from './invariants.ts'
import { nothingIsFound } from './invariants/health.ts'
import { InvariantBroken, truthOf } from './invariants/truth.ts'
import type { Observations } from './observations.ts'
import type { Program } from './instructions.ts'
import { scripted } from './program.ts'
import type { Random } from './random.ts'
import { addressOf, recordedRuns, recordedShards } from './recorded.ts'
import type { RecordedRun } from './recorded.ts'
import type { Scenario } from './scenario.ts'
import type { DiskView, DrivenWorld } from './view.ts'

const I14 = 'I14 deletion'
/** Most worlds that archive, and some of the others. */
const ARCHIVING = 0.8
const SOME = 0.25
const AGAIN_MS = 5_000
const WITHIN_MS = 30_000
const REST_MS = 600_000

interface Rested {
  readonly scenario: Scenario
  readonly seen: Observations
}

export interface Deletion {
  readonly run: RecordedRun
  readonly afterMs: number
}

/** None where a run stays open: nobody waits there until the archive has aged. */
export function deletionsOf(world: DrivenWorld, random: Random): Deletion[] {
  const runs = recordedRuns(recordedShards(world))
  const some = random.chance(world.archive ? ARCHIVING : SOME)
  if (!some || runs.some(({ row }) => row.completed_at === null)) return []
  return runs.filter(() => random.chance(0.5)).map((run) => ({ run, afterMs: random.int(WITHIN_MS) }))
}

export async function checkDeletions(
  world: DrivenWorld,
  rested: Rested,
  deletions: readonly Deletion[],
): Promise<void> {
  if (deletions.length === 0) return
  const deleted = deletions.map(({ run }) => run)
  const ids = new Set(deleted.map(({ runId }) => runId))
  const left = recordedRuns(recordedShards(world)).filter(({ runId }) => !ids.has(runId))
  world.storm()
  for (const { run, afterMs } of deletions) world.time.after(afterMs, () => void remove(world, run))
  await world.advance(WITHIN_MS)
  await world.calm()
  await world.advance(REST_MS)
  await world.archive?.age()
  const asked = Promise.all([
    ...deleted.map((run) => expectGone(world, run)),
    ...left.map((run) => expectKept(world, run, rested.seen)),
  ])
  await Promise.all([asked, world.advance(REST_MS)])
  for (const disk of world.disks()) for (const run of deleted) expectNoRows(disk, run)
  await checkRest(world, rested, deleted)
  await expectFree(world, { deleted, left })
}

/** Until somebody says that it is so. */
async function remove(world: DrivenWorld, run: RecordedRun): Promise<void> {
  try {
    await world.client.delete(run.workflowId, run.runId)
  } catch (error) {
    if (!isUnanswered(error)) throw error
    world.time.after(AGAIN_MS, () => void remove(world, run))
  }
}

async function expectGone({ client }: DrivenWorld, { workflowId, runId }: RecordedRun): Promise<void> {
  const handle = client.getHandle(workflowId, runId)
  for (const read of [() => handle.describe(), () => handle.result(), () => first(handle.history())]) {
    const told = await read().then(JSON.stringify, codeOf)
    if (told !== 'workflow_not_found') throw broken(`deleted run ${runId} is told: ${told}`)
  }
}

async function expectKept(
  { client }: DrivenWorld,
  { workflowId, runId }: RecordedRun,
  seen: Observations,
): Promise<void> {
  const types: string[] = []
  for await (const { type } of client.getHandle(workflowId, runId).history()) types.push(type)
  if (types.join() !== seen.histories.get(runId)?.join())
    throw broken(`run ${runId} was not deleted, and its history is ${types.join()}`)
}

/** But for that which answers whoever deletes it again. */
function expectNoRows(disk: DiskView, { runId }: RecordedRun): void {
  if (!addressOf(disk)) return
  const tables = disk.sql
    .exec(WITH_RUNS)
    .toArray()
    .map(({ name }) => String(name))
  for (const table of tables) {
    const rows = disk.sql.exec(`SELECT * FROM ${table} WHERE run_id = ?`, runId).toArray()
    if (rows.length > 0) throw broken(`of deleted run ${runId} there are ${rows.length} rows in ${table}`)
  }
  const waits = disk.sql.exec('SELECT * FROM archive_deletions WHERE run_id = ? AND forget_at IS NULL', runId)
  if (waits.toArray().length > 0) throw broken(`run ${runId} was deleted, and is not purged`)
}

const WITH_RUNS = `SELECT t.name FROM sqlite_master t, pragma_table_info(t.name) c
  WHERE t.type = 'table' AND c.name = 'run_id' AND t.name <> 'archive_deletions'`

/** The others lie where they lay, and neither doctor nor watchdog has anything to say. */
async function checkRest(
  world: DrivenWorld,
  { scenario, seen }: Rested,
  deleted: readonly RecordedRun[],
): Promise<void> {
  const [findings] = await Promise.all([world.examined(), world.advance(REST_MS)])
  seen.findings.push(...findings)
  for (const { runId } of deleted) world.archive?.ledger.forget(runId)
  const truth = await truthOf(world, scenario, seen)
  nothingIsFound(truth)
  const { archive } = truth
  if (archive) for (const holds of ARCHIVE_INVARIANTS) holds({ ...truth, archive })
}

/** The run before is the last one again, and the id can be used. */
async function expectFree(
  world: DrivenWorld,
  { deleted, left }: { deleted: readonly RecordedRun[]; left: readonly RecordedRun[] },
): Promise<void> {
  const ids = new Set(deleted.map(({ workflowId }) => workflowId))
  const asked = Promise.all(
    Array.from(ids, async (workflowId) => {
      const before = left.filter((run) => run.workflowId === workflowId).map(({ runId }) => runId)
      const last = before.toSorted().at(-1) ?? 'workflow_not_found'
      const told = await world.client
        .getHandle(workflowId)
        .describe()
        .then(({ runId }) => runId, codeOf)
      if (told !== last) throw broken(`the last run of ${workflowId} should be ${last}, and is ${told}`)
      await expectStarts(world, workflowId)
    }),
  )
  await Promise.all([asked, world.advance(REST_MS)])
}

async function expectStarts({ client, effects }: DrivenWorld, workflowId: string): Promise<void> {
  const program: Program = { ...NOTHING, id: `after ${workflowId}` }
  const handle = await client.start(scripted(effects).run, { workflowId, input: { program, before: [] } })
  const ended = JSON.stringify(await endedOf(handle))
  const result = [{ program: program.id, seen: [], handled: [] }]
  if (ended !== JSON.stringify({ status: 'completed', result }))
    throw broken(`a run of ${workflowId} that came after deleted ones ended as ${ended}`)
}

const NOTHING = { body: [], handles: [], updateSleepsMs: 0, cleansUp: false, failsRuns: 0 }

async function first<T>(items: AsyncIterable<T>): Promise<T | null> {
  for await (const item of items) return item
  return null
}

function broken(what: string): InvariantBroken {
  return new InvariantBroken(I14, what)
}
