import { diffJson } from 'diff'

/** Two values as JSON, line by line: what only one of them has is marked. */
export default function Diff({ before, after }: { before: object; after: object }) {
  const parts = diffJson(before, after)
  return (
    <pre className="diff" aria-label="Difference">
      {parts.map(({ value, added, removed }, place) => {
        const Mark = added ? 'ins' : removed ? 'del' : 'span'
        return <Mark key={place}>{value}</Mark>
      })}
    </pre>
  )
}
