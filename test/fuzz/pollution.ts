/** Whether prototypes that everything inherits from are as they were. */

const WATCHED: readonly (readonly [string, object])[] = [
  ['Object', Object.prototype],
  ['Array', Array.prototype],
  ['Function', Function.prototype],
  ['String', String.prototype],
  ['Number', Number.prototype],
  ['Map', Map.prototype],
  ['Set', Set.prototype],
  ['Error', Error.prototype],
  ['Promise', Promise.prototype],
]

const before = WATCHED.map(([, prototype]) => Object.getOwnPropertyDescriptors(prototype))

/** The properties that were added, changed or taken away. */
export function pollution(): string[] {
  return WATCHED.flatMap(([name, prototype], index) => {
    const now: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(prototype)
    const then: Record<string, PropertyDescriptor> = before[index]!
    return [...new Set([...Object.keys(now), ...Object.keys(then)])]
      .filter((key) => !same(now[key], then[key]))
      .map((key) => `${name}.${key}`)
  })
}

function same(one: PropertyDescriptor | undefined, other: PropertyDescriptor | undefined): boolean {
  return one?.value === other?.value && one?.get === other?.get && one?.set === other?.set
}
