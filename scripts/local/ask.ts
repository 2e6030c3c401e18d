/** Calls of a driver Worker, typed by its API: of each route what is asked, and what is answered. */
type Api<Routes> = { [Route in keyof Routes]: { ask: unknown; answer: unknown } }

export type Ask<Routes extends Api<Routes>> = <Route extends keyof Routes & string>(
  route: Route,
  body: Routes[Route]['ask'],
) => Promise<Routes[Route]['answer']>

export function askAt<Routes extends Api<Routes>>(url: string): Ask<Routes> {
  return async (route, body) => {
    const response = await fetch(url + route, { method: 'POST', body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok) throw new Error(`${route}: ${text}`)
    return JSON.parse(text)
  }
}
