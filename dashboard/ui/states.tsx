/** What stands where nothing can be shown: not yet, nothing there, or a refusal. */
import { CloudOff, Inbox, LockKeyhole } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { ProblemError } from '../api/http.ts'
import './ui.css'

export function Loading({ what, bones = 5 }: { what: string; bones?: number }) {
  return (
    <div className="bones" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: bones }, (_, place) => (
        <div className="bone" key={place} />
      ))}
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <Inbox aria-hidden />
      <strong>{title}</strong>
      {children}
    </div>
  )
}

export function Failed({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof ProblemError ? error : null
  const locked = problem?.status === 401 || problem?.status === 403
  const Icon = locked ? LockKeyhole : CloudOff
  return (
    <div className="state" role="alert">
      <Icon aria-hidden />
      <strong>{locked ? 'A token is needed' : 'This could not be loaded'}</strong>
      <p>{error.message}</p>
      {problem && <code>{problem.code}</code>}
      {locked && (
        <Link className="button" href="/settings">
          Enter a token
        </Link>
      )}
      {!locked && retry && (
        <button className="button" type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}
