/** A team of Cloudflare Access that exists in the test alone: its keys, its tokens, and the address that gives its keys. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { JWK, JWTPayload } from 'jose'

export const TEAM = 'acme'
export const AUDIENCE = 'f'.repeat(64)
export const ISSUER = `https://${TEAM}.cloudflareaccess.com`

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

/** Making one takes long. */
const made = new Map<string, Promise<Pair>>()

function pairOf(name: string): Promise<Pair> {
  const pair = made.get(name) ?? generateKeyPair('RS256')
  made.set(name, pair)
  return pair
}

export class Team {
  readonly #keys = new Map<string, Pair['privateKey']>()
  #published: JWK[] = []
  /** The addresses that were asked for keys. */
  readonly asked: string[] = []

  /** `secret` says which key it is; two teams may have one of the same name. */
  async addKey(kid: string, secret = kid): Promise<void> {
    const { publicKey, privateKey } = await pairOf(secret)
    this.#keys.set(kid, privateKey)
    this.#published = [...this.#published, { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }]
  }

  get published(): readonly JWK[] {
    return this.#published
  }

  readonly fetch = async (url: string): Promise<Response> => {
    this.asked.push(url)
    return Response.json({ keys: this.#published })
  }

  /** A token of the team's for the audience, an hour long from `now`, but for what is given. */
  async token(now: number, claims: JWTPayload | { exp: undefined } = {}, kid = 'key-1'): Promise<string> {
    const key = this.#keys.get(kid)
    if (!key) throw new Error(`the team has no ${kid}`)
    const at = Math.floor(now / 1000)
    const all: Record<string, unknown> = {
      iss: ISSUER,
      aud: [AUDIENCE],
      iat: at,
      nbf: at,
      exp: at + 3600,
      ...claims,
    }
    return await new SignJWT(all).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
  }
}
