/**
 * The CDC consumer of the example. Queues deliver at least once and in any order, so the log keeps each event under
 * (shard, sequence): what comes twice is counted once, and a gap shows.
 */
import { DurableObject } from 'cloudflare:workers'
import type { WorkflowCdcEvent } from '../../shared/index.ts'
import type { ChangeSummary } from './driver-api.ts'

export interface ChangeMessage {
  events: readonly WorkflowCdcEvent[]
}

export class ChangeLog extends DurableObject {
  private readonly sql = this.ctx.storage.sql

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    for (const statement of SCHEMA) this.sql.exec(statement)
  }

  record(events: readonly WorkflowCdcEvent[]): void {
    this.ctx.storage.transactionSync(() => {
      for (const event of events) this.append(event)
    })
  }

  /** From here on a new day is summed up. */
  openDay(): void {
    this.sql.exec('DELETE FROM marks')
    this.sql.exec('INSERT INTO marks SELECT shard, max(sequence) FROM changes GROUP BY shard')
    this.sql.exec('DELETE FROM repeated')
  }

  summary(workflows: string): ChangeSummary {
    const { events } = this.sql.exec<{ events: number }>(COUNT_EVENTS, workflows).one()
    const { repeated } = this.sql
      .exec<{ repeated: number }>('SELECT count(*) AS repeated FROM repeated')
      .one()
    const { missing, shards } = this.sql.exec<{ missing: number; shards: number }>(COUNT_MISSING).one()
    return { events, repeated, missing, shards }
  }

  private append({ shard, sequence, workflowId, type }: WorkflowCdcEvent): void {
    if (shard === undefined || sequence === undefined)
      throw new Error(`a change event without position: ${type}`)
    const { rowsWritten } = this.sql.exec(APPEND, shard, sequence, workflowId, type)
    if (rowsWritten === 0) this.sql.exec('INSERT INTO repeated VALUES (?, ?)', shard, sequence)
  }
}

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS changes (shard INTEGER, sequence INTEGER, workflow_id TEXT NOT NULL, type TEXT NOT NULL,
    PRIMARY KEY (shard, sequence)) WITHOUT ROWID`,
  'CREATE TABLE IF NOT EXISTS marks (shard INTEGER PRIMARY KEY, sequence INTEGER NOT NULL)',
  'CREATE TABLE IF NOT EXISTS repeated (shard INTEGER, sequence INTEGER)',
]

const APPEND = 'INSERT INTO changes VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'

const COUNT_EVENTS = 'SELECT count(*) AS events FROM changes WHERE substr(workflow_id, 1, length(?1)) = ?1'

const COUNT_MISSING = `SELECT coalesce(sum(span - present), 0) AS missing, count(*) AS shards FROM (
    SELECT max(changes.sequence) - min(changes.sequence) + 1 AS span, count(*) AS present
    FROM changes LEFT JOIN marks USING (shard)
    WHERE changes.sequence > coalesce(marks.sequence, 0) GROUP BY shard)`
