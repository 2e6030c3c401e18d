/** What a user may set of the archiver, checked once. */
import { toMs, type Duration } from '../shared/duration.ts'
import { WorkflowError } from '../shared/errors.ts'
import { DEFAULT_FILE_BYTES } from './config.ts'
import { warmLimits, type WarmLimits } from './pack.ts'

/** How much a pass does at once. */
export interface ArchiverOptions {
  /** How long one pass may begin new work; 20 s by default. */
  passBudget?: Duration
  /** Compressed size of a warm object, 262,144 by default: a lookup fetches a whole one. */
  warmObjectBytes?: number
  /** Compressed size of a data file of the cold tier, about; 16 MiB by default. */
  coldFileBytes?: number
}

export interface Settings {
  readonly budgetMs: number
  readonly limits: WarmLimits
  readonly coldFileBytes: number
}

export function optionsOf(options: ArchiverOptions): Settings {
  return {
    budgetMs: toMs(options.passBudget ?? '20s', 'passBudget'),
    limits: warmLimits(bytesOf('warmObjectBytes', options.warmObjectBytes ?? 256 * 1024)),
    coldFileBytes: bytesOf('coldFileBytes', options.coldFileBytes ?? DEFAULT_FILE_BYTES),
  }
}

function bytesOf(path: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  const message = `${path} must be a positive whole number of bytes, not ${value}`
  throw new WorkflowError('invalid_argument', message, { path })
}
