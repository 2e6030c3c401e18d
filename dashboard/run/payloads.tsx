import type { RunDescription } from '../../shared/description.ts'
import { Json } from '../ui/json.tsx'
import { ErrorChain } from './error-chain.tsx'

/** What the run was given, and what came of it. */
export function Payloads({ run }: { run: RunDescription }) {
  const attributes = Object.keys(run.searchAttributes).length > 0
  const memo = Object.keys(run.memo).length > 0
  return (
    <div className="payloads">
      <Payload title="Input" value={run.input} />
      {run.error ? (
        <section className="panel" aria-label="Error">
          <header>
            <h2>Error</h2>
          </header>
          <div className="panel-body">
            <ErrorChain error={run.error} />
          </div>
        </section>
      ) : (
        <Payload title="Result" value={run.result} />
      )}
      {attributes && <Payload title="Search attributes" value={run.searchAttributes} />}
      {memo && <Payload title="Memo" value={run.memo} />}
    </div>
  )
}

function Payload({ title, value }: { title: string; value: unknown }) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <div className="panel-body payload">
        <Json value={value} label={title.toLowerCase()} />
      </div>
    </section>
  )
}
