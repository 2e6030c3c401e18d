/** The cold tier: its tables, their snapshots and files, and how to ask them. */
import { Tabs } from '@base-ui/react/tabs'
import { useQuery } from '@tanstack/react-query'
import type { ArchiveTable } from '../../shared/archive-reader.ts'
import { archiveState } from '../api/archive.ts'
import { useSession } from '../api/session.ts'
import { Page } from '../shell/page.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { bytesText, numberText } from '../ui/format.ts'
import { Loaded } from '../ui/query.tsx'
import { Empty } from '../ui/states.tsx'
import { Ago } from '../ui/time.tsx'
import { Files, Snapshots } from './contents.tsx'
import { SqlBox } from './sql.tsx'
import './archive.css'

export default function ArchivePage() {
  const { namespace, token } = useSession()
  const archive = useQuery({
    queryKey: [namespace, token, 'archive'],
    queryFn: ({ signal }) => archiveState(signal),
    refetchInterval: 10_000,
  })
  return (
    <Page title="Archive">
      <Loaded query={archive} what="the archive">
        {({ tables }) => <Tables tables={tables} />}
      </Loaded>
      {!archive.isPending && <SqlBox runs={archive.data?.sql ?? false} />}
    </Page>
  )
}

function Tables({ tables }: { tables: readonly ArchiveTable[] | null }) {
  const [first] = tables ?? []
  if (!first)
    return (
      <section className="panel">
        <Empty title={tables ? 'Nothing is in the cold tier yet' : 'There is no archiver'}>
          <p>
            {tables
              ? 'Closed runs come here by way of the warm tier, as the retention of the scheduler says.'
              : 'The scheduler has no binding ARCHIVE_SERVICE.'}
          </p>
        </Empty>
      </section>
    )
  return (
    <Tabs.Root defaultValue={first.name}>
      <Tabs.List className="tabs" aria-label="Tables">
        {tables?.map(({ name }) => (
          <Tabs.Tab key={name} value={name} className="tab mono">
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tables?.map((table) => (
        <Tabs.Panel key={table.name} value={table.name} className="archive-table">
          <Summary table={table} />
          <Snapshots table={table} />
          <Files table={table} />
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  )
}

function Summary({ table: { records, bytes, fileCount, updatedAt, location } }: { table: ArchiveTable }) {
  return (
    <dl className="facts panel">
      <div className="fact">
        <dt>Rows</dt>
        <dd>{numberText(records)}</dd>
      </div>
      <div className="fact">
        <dt>Files</dt>
        <dd>
          {numberText(fileCount)}, {bytesText(bytes)}
        </dd>
      </div>
      <div className="fact">
        <dt>Changed</dt>
        <dd>
          <Ago at={updatedAt} />
        </dd>
      </div>
      <div className="fact">
        <dt>Location</dt>
        <dd className="mono">
          {location} <CopyButton text={location} what="the location" />
        </dd>
      </div>
    </dl>
  )
}
