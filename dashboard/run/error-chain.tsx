import type { SerializedError } from '../../shared/errors.ts'
import { Json } from '../ui/json.tsx'

/** An error and what it came from, each with its own stack. */
export function ErrorChain({ error }: { error: SerializedError }) {
  return (
    <ol className="causes">
      {chainOf(error).map((link, place) => (
        <li key={place}>
          <div>
            {place > 0 && <span className="soft">caused by </span>}
            <strong>{link.name}</strong>{' '}
            <code className="badge" data-tone="red">
              {link.code}
            </code>
          </div>
          <p>{link.message}</p>
          {link.details !== undefined && <Json value={link.details} label="details" />}
          {link.stack !== undefined && (
            <details>
              <summary>Stack</summary>
              <pre className="stack">{link.stack}</pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  )
}

function chainOf(error: SerializedError): SerializedError[] {
  const chain: SerializedError[] = []
  for (let link: SerializedError | undefined = error; link; link = link.cause) chain.push(link)
  return chain
}
