/** Filters that somebody has given a name, kept in the browser. */
import { useSyncExternalStore } from 'react'

export interface SavedView {
  readonly name: string
  /** As in the address. */
  readonly search: string
}

const KEY = 'perdure.views'
const BUILT_IN: readonly SavedView[] = [
  { name: 'Open', search: 'status=running&status=paused' },
  { name: 'Not well', search: 'status=failed&status=timed_out' },
  { name: 'Oldest open first', search: 'status=running&status=paused&orderBy=startedAt' },
]

let saved = read()
const listeners = new Set<() => void>()

export function useViews(): { builtIn: readonly SavedView[]; saved: readonly SavedView[] } {
  return { builtIn: BUILT_IN, saved: useSyncExternalStore(subscribe, () => saved) }
}

/** In the place of the one that has its name. */
export function saveView(view: SavedView): void {
  write([...saved.filter(({ name }) => name !== view.name), view])
}

export function deleteView(name: string): void {
  write(saved.filter((view) => view.name !== name))
}

function write(views: readonly SavedView[]): void {
  saved = views
  localStorage.setItem(KEY, JSON.stringify(views))
  for (const told of listeners) told()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function read(): readonly SavedView[] {
  return JSON.parse(localStorage.getItem(KEY) ?? '[]') as SavedView[] // written by `write`
}
