/** What begins runs by the clock. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ScheduleDescription } from '../../shared/schedule.ts'
import { listSchedules } from '../api/schedules.ts'
import { useSession } from '../api/session.ts'
import { Page } from '../shell/page.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { ScheduleCard } from './card.tsx'
import './schedules.css'

export default function SchedulesPage() {
  const { namespace, token } = useSession()
  const schedules = useInfiniteQuery({
    queryKey: [namespace, token, 'schedules'],
    queryFn: ({ pageParam, signal }) => listSchedules(pageParam, signal),
    initialPageParam: undefined as string | undefined, // the type of those that follow
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: 5_000,
  })
  const items = schedules.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title="Schedules">
      {schedules.isPending && <Loading what="schedules" />}
      {schedules.error && <Failed error={schedules.error} retry={() => void schedules.refetch()} />}
      {schedules.data && <Schedules items={items} />}
      {schedules.hasNextPage && (
        <button className="button" type="button" onClick={() => void schedules.fetchNextPage()}>
          Show more
        </button>
      )}
    </Page>
  )
}

function Schedules({ items }: { items: readonly ScheduleDescription[] }) {
  if (items.length === 0)
    return (
      <section className="panel">
        <Empty title="There is no schedule">
          <p>
            <code>{"client.schedules.create({ scheduleId, spec: { cron: '0 3 * * *' }, workflow })"}</code>{' '}
            makes one.
          </p>
        </Empty>
      </section>
    )
  return (
    <ul className="schedules">
      {items.map((schedule) => (
        <li key={schedule.scheduleId}>
          <ScheduleCard schedule={schedule} />
        </li>
      ))}
    </ul>
  )
}
