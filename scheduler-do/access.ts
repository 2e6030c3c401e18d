/**
 * Tokens of Cloudflare Access: its proxy adds one to every request that it lets through.
 *
 * C1 A token counts only with a signature (RS256) by a key of the team, for this audience, from this team, in its time.
 * C2 The keys of a team are kept for ten minutes. For one that is not among them they are fetched again, at most every
 *    30 s: whoever makes up tokens has no more fetched. Without them nobody is let in.
 */
import { decode, verifyWithJwks } from 'hono/jwt'
import { WorkflowError } from '../shared/errors.ts'
import { invalid } from '../shared/names.ts'
import { errorFacts, log } from './log.ts'
import type { Runtime } from './runtime.ts'

type Lent = Pick<Runtime, 'time' | 'fetch'>
type Keys = NonNullable<Parameters<typeof verifyWithJwks>[1]['keys']>

export class AccessTokens {
  readonly #issuer: string
  readonly #audience: string
  readonly #keys: TeamKeys

  constructor(team: string, audience: string, lent: Lent) {
    this.#issuer = `https://${team}.cloudflareaccess.com`
    this.#audience = audience
    this.#keys = new TeamKeys(`${this.#issuer}/cdn-cgi/access/certs`, lent)
  }

  /** Whether the team says that the bearer may come in. */
  async admits(token: string): Promise<boolean> {
    const kid = kidOf(token)
    const keys = kid === null ? null : await this.#keys.with(kid)
    if (!keys) return false
    try {
      const verification = { iss: this.#issuer, aud: this.#audience, iat: false }
      const { exp } = await verifyWithJwks(token, { keys, allowedAlgorithms: ['RS256'], verification })
      return exp !== undefined
    } catch {
      return false // it throws for everything that may be wrong with a token
    }
  }
}

/** Undefined where no team is configured. */
export function accessTokens(team: unknown, audience: unknown, lent: Lent): AccessTokens | undefined {
  if (team === undefined && audience === undefined) return undefined
  if (typeof team !== 'string' || !TEAM.test(team))
    throw invalid('auth.accessTeam', 'the name of a team, as in https://<team>.cloudflareaccess.com', team)
  if (typeof audience === 'string' && audience !== '') return new AccessTokens(team, audience, lent)
  const message = 'auth.accessTeam needs auth.accessAudience: the AUD tag of the Access application'
  throw new WorkflowError('not_configured', message, { path: 'auth.accessAudience' })
}

const TEAM = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i
const KEPT_MS = 600_000
const COOL_DOWN_MS = 30_000
const PATIENCE_MS = 5_000

class TeamKeys {
  readonly #url: string
  readonly #lent: Lent
  #known: { readonly keys: Keys; readonly at: number } | undefined

  constructor(url: string, lent: Lent) {
    this.#url = url
    this.#lent = lent
  }

  /** The team's keys, this one among them if there is such a key; null where they cannot be had. */
  async with(kid: string): Promise<Keys | null> {
    const now = this.#lent.time.now()
    if (this.#known) {
      const { keys, at } = this.#known
      const fresh = now - at < (keys.some((key) => key.kid === kid) ? KEPT_MS : COOL_DOWN_MS)
      if (fresh) return keys
    }
    try {
      const keys = await this.#fetched()
      this.#known = { keys, at: now }
      return keys
    } catch (error) {
      log('access_keys_unavailable', errorFacts(error))
      return null
    }
  }

  /** For every request that lacks them: what another one waits for may never come, when that one is broken off. */
  async #fetched(): Promise<Keys> {
    const { time, fetch } = this.#lent
    const patience = new AbortController()
    const stop = time.after(PATIENCE_MS, () => patience.abort())
    try {
      const response = await fetch(this.#url, { redirect: 'manual', signal: patience.signal })
      if (response.status !== 200) throw new Error(`the keys of Access: status ${response.status}`)
      const body: unknown = await response.json()
      if (isKeySet(body)) return body.keys
      throw new Error('the keys of Access are no key set')
    } finally {
      stop()
    }
  }
}

function isKeySet(body: unknown): body is { keys: Keys } {
  return isObject(body) && 'keys' in body && Array.isArray(body.keys) && body.keys.every(isObject)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function kidOf(token: string): string | null {
  try {
    const { kid }: { kid?: unknown } = decode(token).header
    return typeof kid === 'string' ? kid : null
  } catch {
    return null // no JWT
  }
}
