/** One line of JSON per thing that happened: ids, types and counts, never payloads. */
export function log(event: string, facts: Record<string, string | number | boolean | undefined>): void {
  console.log(JSON.stringify({ at: 'scheduler', event, ...facts }))
}

export function errorFacts(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: String(error) }
  // It quotes what was parsed, which may be a payload.
  if (error instanceof SyntaxError) return { error: error.name }
  const code: unknown = Reflect.get(error, 'code')
  return { error: `${error.name}: ${error.message}`, ...(typeof code === 'string' && { code }) }
}
