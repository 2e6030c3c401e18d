/** The filter of a list. In the address of the page it has the names that the API has for it. */
const FILTERS = [
  'status',
  'workflowType',
  'taskQueue',
  'idPrefix',
  'tiers',
  'startedAfter',
  'startedBefore',
  'closedAfter',
  'closedBefore',
  'searchAttributes',
  'orderBy',
] as const
export type FilterName = (typeof FILTERS)[number]
export type RunFilter = Partial<Record<FilterName, readonly string[]>>

export function filterOf(search: string): RunFilter {
  const parameters = new URLSearchParams(search)
  const given = FILTERS.map((name) => [name, parameters.getAll(name)] as const)
  return Object.fromEntries(given.filter(([, values]) => values.length > 0))
}

export function searchOf(filter: RunFilter): string {
  const parameters = new URLSearchParams()
  for (const name of FILTERS) for (const value of filter[name] ?? []) parameters.append(name, value)
  return parameters.toString()
}

/** The filter with other values of `name`; with none, without it. */
export function withValues(filter: RunFilter, name: FilterName, values: readonly string[]): RunFilter {
  const { [name]: _, ...rest } = filter
  const told = values.filter((value) => value !== '')
  return told.length === 0 ? rest : { ...rest, [name]: told }
}

/** With `value` if it lacked it, and without it if it had it. */
export function toggled(filter: RunFilter, name: FilterName, value: string): RunFilter {
  const values = filter[name] ?? []
  return withValues(
    filter,
    name,
    values.includes(value) ? values.filter((one) => one !== value) : [...values, value],
  )
}
