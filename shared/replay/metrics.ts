/** What workflow code counts and measures. Replayed code has been counted before: only its first execution is. */
import type { WorkflowContext } from '../context.ts'
import { checkedName, invalid } from '../names.ts'
import type { Coroutine } from './coroutine.ts'

export interface Measurement {
  readonly kind: 'counter' | 'histogram'
  readonly name: string
  readonly value: number
  readonly tags: Readonly<Record<string, string>>
}

type Tags = Record<string, string>

/** Measurements wait in the coroutine for the commit of what they came with; a turn that is lost takes them with it. */
export function metrics(coroutine: Coroutine): WorkflowContext['metrics'] {
  const recorder = (kind: Measurement['kind'], name: string) => {
    checkedName(name, 'name')
    return (value: number, tags: Tags = {}): void => {
      coroutine.guard(`ctx.metrics.${kind}`)
      if (!Number.isFinite(value)) throw invalid('value', 'a finite number', value)
      if (!coroutine.replaying) coroutine.measured.push({ kind, name, value, tags: checkedTags(tags) })
    }
  }
  return {
    counter: (name) => ({ add: recorder('counter', name) }),
    histogram: (name) => ({ record: recorder('histogram', name) }),
  }
}

function checkedTags(tags: Tags): Tags {
  for (const [key, value] of Object.entries(tags))
    if (typeof value !== 'string') throw invalid(`tags.${key}`, 'a text', value)
  return { ...tags }
}
