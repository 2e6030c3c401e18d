export type Log = (event: string, facts: Readonly<Record<string, unknown>>) => void

/** One line of JSON per fact, without payloads: what an operator greps and counts. */
export const log: Log = (event, facts) => {
  console.log(JSON.stringify({ at: 'activity_worker', event, ...facts }))
}
