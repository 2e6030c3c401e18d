/** What stands around every page: the way to the others, the namespace, the theme. */
import {
  Activity,
  Archive,
  CalendarClock,
  Layers,
  Moon,
  Settings,
  Sun,
  SunMoon,
  Workflow,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { changeSession, useSession } from '../api/session.ts'
import type { Theme } from '../api/session.ts'
import { Tip } from '../ui/tip.tsx'
import './shell.css'

const PAGES: readonly { href: string; label: string; icon: LucideIcon; also?: string }[] = [
  { href: '/', label: 'Overview', icon: Activity },
  { href: '/runs', label: 'Runs', icon: Workflow, also: '/run' },
  { href: '/schedules', label: 'Schedules', icon: CalendarClock },
  { href: '/task-queues', label: 'Task queues', icon: Layers },
  { href: '/archive', label: 'Archive', icon: Archive },
  { href: '/settings', label: 'Settings', icon: Settings },
]

export function Shell({ children }: { children: ReactNode }) {
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <aside className="side">
        <Link href="/" className="mark">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          perdure
        </Link>
        <nav aria-label="Pages">
          {PAGES.map((page) => (
            <PageLink key={page.href} {...page} />
          ))}
        </nav>
        <Foot />
      </aside>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}

function PageLink({ href, label, icon: Icon, also }: (typeof PAGES)[number]) {
  const [path] = useLocation()
  const here = path === href || path === also
  return (
    <Link href={href} className="page-link" aria-current={here ? 'page' : undefined}>
      <Icon aria-hidden />
      <span>{label}</span>
    </Link>
  )
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const THEME_ICONS: Readonly<Record<Theme, LucideIcon>> = { system: SunMoon, light: Sun, dark: Moon }

function Foot() {
  const { namespace, theme } = useSession()
  const Icon = THEME_ICONS[theme]
  return (
    <div className="foot">
      <Link href="/settings" className="namespace" aria-label={`Namespace ${namespace}`}>
        <span className="clipped">{namespace}</span>
      </Link>
      <Tip text={`Theme: ${theme}`}>
        <button
          className="button"
          data-look="bare"
          data-square
          type="button"
          aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
          onClick={() => changeSession({ theme: NEXT[theme] })}
        >
          <Icon aria-hidden />
        </button>
      </Tip>
    </div>
  )
}
