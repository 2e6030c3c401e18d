/** Who asks and in which namespace: the token is kept for the tab alone, the namespace and the looks for the browser. */
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'
export type Clock = 'local' | 'utc'

export interface Session {
  /** Empty where Cloudflare Access says who it is. */
  readonly token: string
  readonly namespace: string
  readonly theme: Theme
  /** Whose clock the times are told by. */
  readonly clock: Clock
}

const KEPT = { token: sessionStorage, namespace: localStorage, theme: localStorage, clock: localStorage }
const DEFAULTS: Session = { token: '', namespace: 'default', theme: 'system', clock: 'local' }

let current = read()
const listeners = new Set<() => void>()

export function session(): Session {
  return current
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, session)
}

export function changeSession(change: Partial<Session>): void {
  for (const [name, value] of Object.entries(change)) KEPT[name as keyof Session].setItem(keyOf(name), value) // its own names
  current = { ...current, ...change }
  for (const told of listeners) told()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(): Session {
  const kept = Object.entries(KEPT).map(([name, storage]) => [name, storage.getItem(keyOf(name))])
  return { ...DEFAULTS, ...Object.fromEntries(kept.filter(([, value]) => value !== null)) }
}

function keyOf(name: string): string {
  return `perdure.${name}`
}
