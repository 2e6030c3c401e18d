/** The runs of a namespace, in every tier: found by filters, read page by page. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { useMemo } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import { listRuns } from '../api/runs.ts'
import { useSession } from '../api/session.ts'
import { Page } from '../shell/page.tsx'
import { Failed, Loading } from '../ui/states.tsx'
import { filterOf, searchOf } from '../api/filter.ts'
import type { RunFilter } from '../api/filter.ts'
import { Filters } from './filters.tsx'
import { RunTable } from './table.tsx'
import { ViewsMenu } from './views-menu.tsx'
import './runs.css'

/** How often the first page is read again while it is the only one: behind it, rows would move under the reader. */
const REFRESH_MS = 3_000

export default function RunsPage() {
  const filter = filterOf(useSearch())
  const runs = useRuns(filter)
  const rows = useMemo(() => runs.data?.pages.flatMap(({ items }) => items) ?? [], [runs.data])
  return (
    <Page
      title="Runs"
      fixed
      actions={
        <>
          <ViewsMenu filter={filter} />
          <button className="button" type="button" onClick={() => void runs.refetch()}>
            <RefreshCw aria-hidden /> Refresh
          </button>
        </>
      }
    >
      <Filters filter={filter} ready={runs.isSuccess} onChange={show} />
      <section className="panel runs" aria-label="Runs">
        {runs.isPending && <Loading what="runs" bones={12} />}
        {runs.error && rows.length === 0 && <Failed error={runs.error} retry={() => void runs.refetch()} />}
        {runs.data && (
          <RunTable
            rows={rows}
            more={runs.hasNextPage}
            onMore={() => void (runs.isFetching || runs.fetchNextPage())}
          />
        )}
      </section>
    </Page>
  )
}

/** What was typed is told with a delay, by when the reader may be on another page. */
function show(filter: RunFilter): void {
  if (location.pathname !== '/runs') return
  navigate(`/runs?${searchOf(filter)}`, { replace: true })
}

function useRuns(filter: RunFilter) {
  const { namespace, token } = useSession()
  return useInfiniteQuery({
    queryKey: [namespace, token, 'runs', filter],
    queryFn: ({ pageParam, signal }) => listRuns(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined, // the type of those that follow
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? REFRESH_MS : false),
  })
}
