/**
 * I13: neither the watchdog of a shard nor its doctor ever finds anything: all that was lost is put right by the wake. Nor
 * does a shard ever give itself up for a defect.
 */
import type { Finding } from '../../../shared/health.ts'
import { InvariantBroken } from './truth.ts'
import type { Truth } from './truth.ts'

const I13 = 'I13 health'

export function nothingIsFound({ watched, seen }: Truth): void {
  const [found] = watched.found
  if (found) throw new InvariantBroken(I13, `a watchdog has found ${said(found)}`)
  const [defect] = watched.defects
  if (defect !== undefined) throw new InvariantBroken(I13, defect)
  const [left] = seen.findings
  if (left) throw new InvariantBroken(I13, `in the end a doctor finds ${said(left)}`)
}

function said({ code, workflowId, runId, what }: Finding): string {
  return `${code} of ${workflowId ?? 'the shard'} ${runId ?? ''}: ${what}`
}
