/** Calls of the driver, typed by its API. */
import type { DriverApi } from '../driver-api.ts'

export type Ask = <Route extends keyof DriverApi>(
  route: Route,
  body: DriverApi[Route]['ask'],
) => Promise<DriverApi[Route]['answer']>

export function driverAt(url: string): Ask {
  return async (route, body) => {
    const [method = 'POST', path = '/'] = route.split(' ')
    const response = await fetch(url + path, { method, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${route}: ${await response.text()}`)
    return JSON.parse(await response.text())
  }
}

/** Asks `route` about many items, a handful per call, and joins the answers. */
export async function askInParts<Item, Answer>(
  items: readonly Item[],
  size: number,
  ask: (part: Item[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let at = 0; at < items.length; at += size) answers.push(...(await ask(items.slice(at, at + size))))
  return answers
}
