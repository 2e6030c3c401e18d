import { WorkflowError } from '../shared/errors.ts'

/**
 * What is wrong with the archive: `object_missing` (R2 has no such object), `object_corrupt` (its bytes are not the
 * ones written), `object_conflict` (another content stands under the key of a batch), `run_mismatch` (the object is
 * sound, but the run is not where the locator says), `batch_invalid` (the shard proposed what cannot be archived),
 * `superseded` (another pass has done what this one was about to do: what it read is not how things are),
 * `plan_stale` (data files that were to be replaced are no longer in the table: plan again), `deletes_pending` (another
 * engine deleted rows without rewriting the data files that hold them).
 */
export type ArchiveFault =
  | 'object_missing'
  | 'object_corrupt'
  | 'object_conflict'
  | 'run_mismatch'
  | 'batch_invalid'
  | 'superseded'
  | 'plan_stale'
  | 'deletes_pending'

/** The archive does not hold what it should. Own properties survive RPC, the class does not: branch on `fault`. */
export class ArchiveError extends WorkflowError {
  override readonly name = 'ArchiveError'
  readonly fault: ArchiveFault
  /** The R2 key, or the batch id of a `batch_invalid`. */
  readonly subject: string

  constructor(fault: ArchiveFault, subject: string, problem: string) {
    super('internal', `${cut(subject)}: ${cut(problem)}`)
    this.fault = fault
    this.subject = subject
  }
}

const LONGEST = 1_000

/** A problem may quote what stands in the object, and so may a key: texts of any length. */
function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}...` : text
}
