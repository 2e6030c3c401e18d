/** SQL over the archive is DuckDB's, which runs where the command does: the page makes the command. */
import { useId, useState } from 'react'
import { CopyButton } from '../ui/copy.tsx'

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

export function SqlBox() {
  const id = useId()
  const [sql, setSql] = useState(EXAMPLES[0]?.sql ?? '')
  const command = `npx perdure sql ${quoted(sql)}`
  return (
    <section className="panel" aria-label="SQL">
      <header>
        <h2>SQL</h2>
        {EXAMPLES.map((example) => (
          <button
            key={example.title}
            className="button"
            data-look="bare"
            type="button"
            onClick={() => setSql(example.sql)}
          >
            {example.title}
          </button>
        ))}
      </header>
      <div className="panel-body sql">
        <label htmlFor={id} className="soft">
          DuckDB runs it over the files of the archive, beside <code>npm run dev</code>. Views:
          workflow_executions, workflow_history, hot_executions, all_executions.
        </label>
        <textarea
          id={id}
          className="input"
          spellCheck={false}
          value={sql}
          onChange={({ target }) => setSql(target.value)}
        />
        <div className="command">
          <pre>{command}</pre>
          <CopyButton text={command} what="the command" />
        </div>
      </div>
    </section>
  )
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
