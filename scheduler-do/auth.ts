/** Whom the HTTP API answers, and what they may do. */
import { ApiTokens, SCOPES, tokenTexts } from '../shared/auth.ts'
import type { Scope } from '../shared/auth.ts'
import { checkedChoice, invalid } from '../shared/names.ts'
import { accessTokens } from './access.ts'
import type { AccessTokens } from './access.ts'
import type { Env } from './config.ts'
import type { Runtime } from './runtime.ts'

/** What the HTTP API asks for. Without a token and without Access it is off. */
export interface AuthOptions {
  /**
   * Tokens that may do everything, separated by commas. Absent: the secret API_TOKEN. Those of the secrets
   * API_TOKEN_WRITE and API_TOKEN_READ may do less.
   */
  token?: string
  /** Whom Cloudflare Access lets in: the team's name, as in `https://<team>.cloudflareaccess.com`. */
  accessTeam?: string
  /** With it: the AUD tag of the Access application. */
  accessAudience?: string
  /** What whom Access lets in may do. Default: write. */
  accessScope?: Scope
  /** Whose pages may ask from a browser, such as `https://ops.example.com`. Default: none but our own. */
  origins?: readonly string[]
}

export interface Caller {
  readonly scope: Scope
  /** Who came through Access may be a browser that somebody else's page has sent here. */
  readonly by: 'token' | 'access'
}

/** What a request says of who sent it. */
export interface Credentials {
  readonly authorization: string | undefined
  /** Of Access, in the header that its proxy adds or the cookie that it sets. */
  readonly assertion: string | undefined
}

export class Auth {
  readonly origins: readonly string[]
  readonly #tokens: ApiTokens
  readonly #access: AccessTokens | undefined
  readonly #accessScope: Scope

  constructor(options: AuthOptions, env: Env, runtime: Pick<Runtime, 'time' | 'fetch'>) {
    const texts = tokenTexts(env)
    this.#tokens = new ApiTokens({ ...texts, admin: options.token ?? texts.admin })
    this.#access = accessTokens(options.accessTeam, options.accessAudience, runtime)
    this.#accessScope = checkedChoice(options.accessScope ?? 'write', SCOPES, 'auth.accessScope')
    this.origins = (options.origins ?? []).map(checkedOrigin)
  }

  get configured(): boolean {
    return this.#tokens.configured || this.#access !== undefined
  }

  /** Null for who is nobody here, whatever they sent. */
  async callerOf({ authorization, assertion }: Credentials): Promise<Caller | null> {
    const scope = await this.#tokens.scopeOf(authorization)
    if (scope) return { scope, by: 'token' }
    if (assertion === undefined || !this.#access) return null
    return (await this.#access.admits(assertion)) ? { scope: this.#accessScope, by: 'access' } : null
  }
}

/** As a browser sends it: so neither a path nor `*`. */
function checkedOrigin(origin: string, place: number): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin
  throw invalid(`auth.origins[${place}]`, 'an origin such as https://ops.example.com', origin)
}
