/** The outside world of these tests: a ledger that applies an effect once by its key, and counts every call. */
import { DurableObject } from 'cloudflare:workers'
import type { LedgerSummary } from './api.ts'

/** One effect as its caller asks for it. */
export interface Effect {
  key: string
  workflowId: string
  answer: number
}

export class Ledger extends DurableObject {
  private readonly sql = this.ctx.storage.sql

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env)
    this.sql.exec(`CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, workflow_id TEXT NOT NULL,
      answer INTEGER NOT NULL, calls INTEGER NOT NULL) WITHOUT ROWID`)
  }

  /** A key seen before changes nothing and answers what it answered then. */
  apply({ key, workflowId, answer }: Effect): number {
    return this.sql.exec<{ answer: number }>(APPLY, key, workflowId, answer).one().answer
  }

  summary(prefix: string): LedgerSummary {
    return this.sql.exec<{ [Column in keyof LedgerSummary]: number }>(SUMMARY, prefix).one()
  }
}

export default { fetch: () => new Response('the ledger answers over its namespace') }

const APPLY = `INSERT INTO effects VALUES (?, ?, ?, 1)
  ON CONFLICT (key) DO UPDATE SET calls = calls + 1 RETURNING answer`

const SUMMARY = `SELECT count(*) AS keys, coalesce(sum(calls), 0) AS calls,
    count(*) FILTER (WHERE calls > 1) AS repeated, count(DISTINCT workflow_id) AS workflows
  FROM effects WHERE substr(workflow_id, 1, length(?1)) = ?1`
