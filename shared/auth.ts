/**
 * Who may ask over HTTP, by a token, and for what.
 *
 * S1 A token is compared by its MAC under a key that is made for the request: neither the time nor the length tells how
 *    much of it was right.
 * S2 Every known token is compared, whichever of them matches.
 */
import { WorkflowError } from './errors.ts'

/** What a caller may do; each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const
/** `read` asks, `write` works and changes runs as well, `admin` may do everything. */
export type Scope = (typeof SCOPES)[number]

export function includes(held: Scope, needed: Scope): boolean {
  return SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}

/** The secret that has the tokens of a scope. */
const SECRETS = { read: 'API_TOKEN_READ', write: 'API_TOKEN_WRITE', admin: 'API_TOKEN' } as const

/** Of every scope the text of its secret, where there is one. */
export type TokenTexts = Partial<Record<Scope, unknown>>

/** The secrets of a Worker's environment. */
export function tokenTexts(env: { readonly [name: string]: unknown }): TokenTexts {
  return Object.fromEntries(SCOPES.map((scope) => [scope, env[SECRETS[scope]]]))
}

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' }

export class ApiTokens {
  readonly #known: readonly { token: Uint8Array; scope: Scope }[]

  /** Of every scope one or more tokens, separated by commas: two are valid while one takes the other's place. */
  constructor(texts: TokenTexts) {
    this.#known = SCOPES.flatMap((scope) =>
      tokensIn(texts[scope], SECRETS[scope])
        .map(bytesOf)
        .map((token) => ({ token, scope })),
    )
  }

  get configured(): boolean {
    return this.#known.length > 0
  }

  /** What the bearer may do; null for who bears no token that is known. */
  async scopeOf(authorization: string | null | undefined): Promise<Scope | null> {
    const key = await crypto.subtle.importKey('raw', randomBytes(), ALGORITHM, false, ['sign', 'verify'])
    const mac = await crypto.subtle.sign('HMAC', key, bytesOf(tokenIn(authorization)))
    const verdicts = await Promise.all(
      this.#known.map(({ token }) => crypto.subtle.verify('HMAC', key, mac, token)),
    )
    const scopes = this.#known.filter((_, place) => verdicts[place]).map(({ scope }) => scope)
    return SCOPES.findLast((scope) => scopes.includes(scope)) ?? null
  }
}

/** As RFC 6750 has it. */
const TOKEN = /^[\w.~+/-]+=*$/

function tokensIn(text: unknown, secret: string): string[] {
  if (typeof text !== 'string' || text.trim() === '') return []
  const tokens = text.split(',').map((token) => token.trim())
  if (tokens.every((token) => TOKEN.test(token))) return tokens
  const message = `${secret} must be a bearer token (letters, digits, - . _ ~ + /), or several, separated by commas`
  throw new WorkflowError('not_configured', message, { path: `env.${secret}` })
}

/** Empty where there is none; no token is. */
function tokenIn(authorization: string | null | undefined): string {
  const [scheme = '', token = '', ...rest] = (authorization ?? '').split(' ')
  return scheme.toLowerCase() === 'bearer' && rest.length === 0 ? token : ''
}

function randomBytes(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(32))
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
