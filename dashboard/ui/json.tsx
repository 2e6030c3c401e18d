/** JSON to look into. The viewer is loaded when the first value is shown. */
import { lazy, Suspense } from 'react'
import { CopyButton } from './copy.tsx'
import { Loading } from './states.tsx'
import './json.css'

const Tree = lazy(() => import('./json-tree.tsx'))

export function Json({ value, label }: { value: unknown; label: string }) {
  if (value === undefined) return <p className="soft small json-none">nothing</p>
  return (
    <div className="json">
      <div className="json-copy">
        <CopyButton text={textOf(value)} what={label} />
      </div>
      {typeof value === 'object' && value !== null ? (
        <Suspense fallback={<Loading what={label} bones={3} />}>
          <Tree value={value} label={label} />
        </Suspense>
      ) : (
        <pre className="json-scalar">{JSON.stringify(value)}</pre>
      )}
    </div>
  )
}

function textOf(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
