/** SQL over the archive is DuckDB's: beside `perdure dev` it answers here, and elsewhere the page makes the command. */
import { useMutation } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useId, useState } from 'react'
import type { KeyboardEvent, SubmitEvent } from 'react'
import { MAX_STATEMENT_LENGTH } from '../../shared/sql.ts'
import { askArchive } from '../api/archive.ts'
import { ProblemError } from '../api/http.ts'
import { CopyButton } from '../ui/copy.tsx'
import { countText, SqlRows } from './rows.tsx'

const EXAMPLES: readonly { title: string; sql: string }[] = [
  {
    title: 'Runs by status',
    sql: 'SELECT workflow_type, status, count(*) AS runs\nFROM all_executions\nGROUP BY ALL\nORDER BY runs DESC',
  },
  {
    title: 'How long runs take',
    sql: 'SELECT workflow_type,\n       quantile_cont(closed_at - started_at, 0.5) AS p50,\n       quantile_cont(closed_at - started_at, 0.95) AS p95\nFROM workflow_executions\nGROUP BY ALL',
  },
  {
    title: 'Events by type',
    sql: 'SELECT event_type, count(*) AS events\nFROM workflow_history\nGROUP BY ALL\nORDER BY events DESC',
  },
]

export function SqlBox({ runs }: { runs: boolean }) {
  const id = useId()
  const [sql, setSql] = useState(EXAMPLES[0]?.sql ?? '')
  const asked = useMutation({ mutationFn: askArchive })
  const run = (event: SubmitEvent | KeyboardEvent) => {
    event.preventDefault()
    if (!asked.isPending) asked.mutate(sql)
  }
  const runByKey = (event: KeyboardEvent) => {
    if (runs && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(event)
  }
  return (
    <section className="panel" aria-label="SQL">
      <Header onPick={setSql} />
      <form className="panel-body sql" onSubmit={run}>
        <label htmlFor={id} className="soft">
          DuckDB runs it over the files of the archive. Views: workflow_executions, workflow_history,
          hot_executions, all_executions.
        </label>
        <textarea
          id={id}
          className="input"
          spellCheck={false}
          aria-keyshortcuts={runs ? 'Control+Enter Meta+Enter' : undefined}
          maxLength={MAX_STATEMENT_LENGTH}
          value={sql}
          onChange={({ target }) => setSql(target.value)}
          onKeyDown={runByKey}
        />
        {runs ? <Run isPending={asked.isPending} isEmpty={sql.trim() === ''} /> : <Command sql={sql} />}
      </form>
      <p role="status" className="sql-count soft small">
        {asked.isSuccess && countText(asked.data)}
      </p>
      {asked.isSuccess && <SqlRows result={asked.data} />}
      {asked.error && <Refused error={asked.error} />}
    </section>
  )
}

function Header({ onPick }: { onPick: (sql: string) => void }) {
  return (
    <header>
      <h2>SQL</h2>
      {EXAMPLES.map(({ title, sql }) => (
        <button key={title} className="button" data-look="bare" type="button" onClick={() => onPick(sql)}>
          {title}
        </button>
      ))}
    </header>
  )
}

function Run({ isPending, isEmpty }: { isPending: boolean; isEmpty: boolean }) {
  return (
    <div className="sql-run">
      <button className="button" data-look="primary" type="submit" disabled={isPending || isEmpty}>
        <Play aria-hidden /> {isPending ? 'Running…' : 'Run'}
      </button>
      <span className="soft small">
        or <kbd>Ctrl</kbd> <kbd>Enter</kbd>
      </span>
    </div>
  )
}

/** Where the page cannot run it. */
function Command({ sql }: { sql: string }) {
  const command = `npx perdure sql ${quoted(sql)}`
  return (
    <div className="command">
      <pre>{command}</pre>
      <CopyButton text={command} what="the command" />
    </div>
  )
}

function Refused({ error }: { error: Error }) {
  return (
    <div className="panel-body wrong" role="alert">
      <code>{error instanceof ProblemError ? error.code : error.name}</code>
      <pre className="sql-error">{error.message}</pre>
    </div>
  )
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
