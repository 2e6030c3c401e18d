import { useQuery } from '@tanstack/react-query'
import { Search, SlidersHorizontal, X } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { CountGroup } from '../../shared/list.ts'
import { countRuns } from '../api/runs.ts'
import { useSession } from '../api/session.ts'
import { numberText } from '../ui/format.ts'
import { STATUSES } from '../ui/status.tsx'
import { toggled, withValues } from '../api/filter.ts'
import type { FilterName, RunFilter } from '../api/filter.ts'

interface FilterProps {
  filter: RunFilter
  /** The rows are there: what is counted for the filters does not stand in their way. */
  ready: boolean
  onChange: (filter: RunFilter) => void
}

const RARE: readonly FilterName[] = [
  'startedAfter',
  'startedBefore',
  'closedAfter',
  'closedBefore',
  'searchAttributes',
]

export function Filters({ filter, ready, onChange }: FilterProps) {
  const [more, setMore] = useState(RARE.some((name) => filter[name] !== undefined))
  const props = { filter, ready, onChange }
  return (
    <div className="filters" role="search" aria-label="Filters">
      <StatusChips {...props} />
      <div className="filter-row">
        <TextFilter {...props} name="idPrefix" label="Workflow id begins with" icon />
        <TextFilter {...props} name="workflowType" label="Workflow type" group="workflowType" />
        <TextFilter {...props} name="taskQueue" label="Task queue" group="taskQueue" />
        <Choice {...props} name="tiers" label="Tier" options={TIERS} />
        <Choice {...props} name="orderBy" label="Order" options={ORDERS} />
        <button className="button" type="button" aria-expanded={more} onClick={() => setMore(!more)}>
          <SlidersHorizontal aria-hidden /> More
        </button>
        {Object.keys(filter).length > 0 && (
          <button className="button" data-look="bare" type="button" onClick={() => onChange({})}>
            <X aria-hidden /> Clear
          </button>
        )}
      </div>
      {more && <RareFilters {...props} />}
    </div>
  )
}

const TIERS = { '': 'Any tier', hot: 'Hot', warm: 'Warm', cold: 'Cold' }
const ORDERS = {
  '': 'Newest first',
  startedAt: 'Oldest first',
  '-closedAt': 'Last closed first',
  closedAt: 'First closed first',
}

function RareFilters(props: FilterProps) {
  return (
    <div className="filter-row">
      <TimeFilter {...props} name="startedAfter" label="Started after" />
      <TimeFilter {...props} name="startedBefore" label="Started before" />
      <TimeFilter {...props} name="closedAfter" label="Closed after" />
      <TimeFilter {...props} name="closedBefore" label="Closed before" />
      <TextFilter {...props} name="searchAttributes" label='Search attributes: {"customerId": "c-1"}' wide />
    </div>
  )
}

function StatusChips({ filter, ready, onChange }: FilterProps) {
  const counts = useGroups(withValues(filter, 'status', []), 'status', ready)
  return (
    <div className="chips" role="group" aria-label="Status">
      {Object.entries(STATUSES).map(([status, { tone, icon: Icon, label }]) => (
        <button
          key={status}
          type="button"
          className="chip"
          data-tone={tone}
          aria-pressed={filter.status?.includes(status) ?? false}
          onClick={() => onChange(toggled(filter, 'status', status))}
        >
          <Icon aria-hidden />
          {label}
          {counts && <span className="chip-count">{numberText(counts[status] ?? 0)}</span>}
        </button>
      ))}
    </div>
  )
}

interface TextFilterProps extends FilterProps {
  name: FilterName
  label: string
  /** Whose values are offered while typing. */
  group?: CountGroup
  icon?: boolean
  wide?: boolean
}

/** How long nothing more is typed before the list is asked for. */
const TYPED_MS = 250

function TextFilter({ filter, onChange, name, label, group, icon, wide }: TextFilterProps) {
  const id = useId()
  const value = filter[name]?.[0] ?? ''
  const [typed, setTyped] = useState<string | null>(null)
  const [used, setUsed] = useState(false)
  useEffect(() => {
    if (typed === null) return undefined
    const timer = setTimeout(() => {
      onChange(withValues(filter, name, [typed]))
      setTyped(null)
    }, TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed, filter, name, onChange])
  return (
    <div className="filter" data-wide={wide ? '' : undefined} data-icon={icon ? '' : undefined}>
      {icon && <Search aria-hidden />}
      <input
        className="input"
        aria-label={label}
        placeholder={label}
        value={typed ?? value}
        list={group && id}
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setUsed(true)}
        onChange={({ target }) => setTyped(target.value)}
      />
      {group && used && <Values id={id} group={group} />}
    </div>
  )
}

function Values({ id, group }: { id: string; group: CountGroup }) {
  const counts = useGroups({}, group, true)
  return (
    <datalist id={id}>
      {Object.keys(counts ?? {}).map((value) => (
        <option key={value}>{value}</option>
      ))}
    </datalist>
  )
}

interface ChoiceProps extends FilterProps {
  name: FilterName
  label: string
  options: Readonly<Record<string, string>>
}

function Choice({ filter, onChange, name, label, options }: ChoiceProps) {
  return (
    <select
      className="input filter-choice"
      aria-label={label}
      value={filter[name]?.[0] ?? ''}
      onChange={({ target }) => onChange(withValues(filter, name, [target.value]))}
    >
      {Object.entries(options).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  )
}

/** The API takes instants; the control has the time of the reader's clock. */
function TimeFilter({ filter, onChange, name, label }: FilterProps & { name: FilterName; label: string }) {
  const id = useId()
  const instant = filter[name]?.[0]
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        type="datetime-local"
        step="1"
        value={instant === undefined ? '' : localText(instant)}
        onChange={({ target }) =>
          onChange(withValues(filter, name, [target.value && new Date(target.value).toISOString()]))
        }
      />
    </div>
  )
}

function localText(instant: string): string {
  const at = new Date(instant)
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}

/** Every run that matches is looked at. */
const COUNTED_MS = 15_000

/** How many runs there are by each value; undefined while that is not known. */
function useGroups(
  filter: RunFilter,
  groupBy: CountGroup,
  enabled: boolean,
): Readonly<Record<string, number>> | undefined {
  const { namespace, token } = useSession()
  const { data } = useQuery({
    queryKey: [namespace, token, 'counts', groupBy, filter],
    queryFn: ({ signal }) => countRuns(filter, groupBy, signal),
    enabled,
    refetchInterval: COUNTED_MS,
  })
  return data?.groups
}
