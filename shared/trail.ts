/** Where in a value the encoder is, so that a refusal names the place. */
import { WorkflowError } from './errors.ts'

/** Where the encoder is. Kept instead of path text and a set of ancestors, which only a refusal needs. */
export interface Trail {
  root: string
  depth: number
  /** The open containers, outermost first, and the key under work in each. */
  holders: object[]
  keys: (string | number)[]
}

/** The refusal of one container too many: of a value that refers back to itself, or of one that is too deep. */
export function tooDeep(value: object, trail: Trail): WorkflowError {
  const chain = [...trail.holders.slice(0, trail.depth), value]
  const again = chain.findIndex((holder, index) => chain.indexOf(holder) < index)
  if (again === -1) return refusal(trail, `is nested deeper than ${trail.depth} levels: pass a flatter value`)
  const first = pathOf({ ...trail, depth: chain.findIndex((holder) => holder === chain[again]) })
  return refusal({ ...trail, depth: again }, `refers back to ${first}: pass an id instead`)
}

export function refusal(trail: Trail, problem: string): WorkflowError {
  const path = pathOf(trail)
  return new WorkflowError('payload_unsupported', `${path} ${problem}`, { path })
}

/** The refusal of a container, within which the encoder already is. */
export function refusedWhole(trail: Trail, problem: string): WorkflowError {
  return refusal({ ...trail, depth: trail.depth - 1 }, problem)
}

function pathOf(trail: Trail): string {
  const steps = trail.keys.slice(0, trail.depth).map((key) => {
    if (typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)) return `.${key}`
    return `[${JSON.stringify(key)}]`
  })
  return trail.root + steps.join('')
}
