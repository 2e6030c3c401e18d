/** One line of JSON per fact, without payloads: what an operator greps and counts. */
export function log(event: string, facts: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify({ at: 'activity_worker', event, ...facts }))
}
