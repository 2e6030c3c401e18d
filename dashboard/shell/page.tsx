import { useEffect } from 'react'
import type { ReactNode } from 'react'

interface PageProps {
  title: string
  /** Instead of the title, where it is more than text. */
  heading?: ReactNode
  actions?: ReactNode
  /** As high as the window: what is long scrolls inside. */
  fixed?: boolean
  children: ReactNode
}

export function Page({ title, heading, actions, fixed = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · perdure`
  }, [title])
  return (
    <div className="page" data-fixed={fixed ? '' : undefined}>
      <header className="page-head">
        {heading ?? <h1>{title}</h1>}
        <div className="page-actions">{actions}</div>
      </header>
      {children}
    </div>
  )
}
