/** The token of whoever may ask over HTTP. */

/** Compared by digests, so that neither the time nor the length tells how much of it was right. */
export async function bearsToken(authorization: string | null | undefined, token: string): Promise<boolean> {
  const [a, b] = await Promise.all([digestOf(authorization ?? ''), digestOf(`Bearer ${token}`)])
  return crypto.subtle.timingSafeEqual(a, b)
}

async function digestOf(text: string): Promise<ArrayBuffer> {
  return await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
}
