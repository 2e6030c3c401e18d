/** The pages by their addresses. Each is loaded when it is first shown. */
import { lazy } from 'react'
import type { ComponentType } from 'react'

export const PAGES = {
  '/': page(() => import('./overview/page.tsx')),
  '/runs': page(() => import('./runs/page.tsx')),
  '/run': page(() => import('./run/page.tsx')),
  '/schedules': page(() => import('./schedules/page.tsx')),
  '/task-queues': page(() => import('./queues/page.tsx')),
  '/archive': page(() => import('./archive/page.tsx')),
  '/settings': page(() => import('./settings/page.tsx')),
}

/** Before the first page is drawn: React shows what stands in for one for 300 ms at least, in which nothing is asked for. */
export async function preload(path: string): Promise<void> {
  await Object.entries(PAGES)
    .find(([address]) => address === path)?.[1]
    .preload()
}

function page(load: () => Promise<{ default: ComponentType }>) {
  let Loaded: ComponentType | null = null
  const Later = lazy(load)
  return {
    preload: async () => {
      Loaded = (await load()).default
    },
    Page: () => (Loaded ? <Loaded /> : <Later />),
  }
}
