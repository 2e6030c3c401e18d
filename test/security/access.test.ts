import { SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AuthOptions } from '../../scheduler-do/auth.ts'
import { ORIGIN, served } from './served.ts'
import type { Served } from './served.ts'
import { AUDIENCE, ISSUER, Team, TEAM } from './team.ts'

const NOON = Date.parse('2026-06-01T12:00:00Z')
const POLL = '/api/v1/task-queues/pulled/poll'
const body = JSON.stringify({ claimId: 'c', poller: 'p', limit: 1, waitMs: 0 })
const asserting = (token: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', 'cf-access-jwt-assertion': token, ...headers },
})

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOON }))
afterEach(() => void vi.useRealTimers())

interface Behind extends Served {
  readonly team: Team
}

async function behindAccess(auth: AuthOptions = {}, env: Record<string, unknown> = {}): Promise<Behind> {
  const team = new Team()
  await team.addKey('key-1')
  const access = { accessTeam: TEAM, accessAudience: AUDIENCE }
  const own = await served({ auth: { ...access, ...auth }, env, fetch: team.fetch })
  return { ...own, team }
}

describe('whom Cloudflare Access lets in', () => {
  test('is answered, by the header that its proxy adds or the cookie that it sets', async () => {
    const { ask, team } = await behindAccess()
    const token = await team.token(NOON)
    expect((await ask(POLL, asserting(token))).status).toBe(200)
    const headers = { cookie: `theme=dark; CF_Authorization=${token}`, 'content-type': 'application/json' }
    expect((await ask(POLL, { method: 'POST', body, headers })).status).toBe(200)
    expect(team.asked).toEqual([`${ISSUER}/cdn-cgi/access/certs`])
  })

  test('may do what accessScope says, write where it says nothing', async () => {
    const { ask, team } = await behindAccess({ accessScope: 'read' })
    expect((await ask(POLL, asserting(await team.token(NOON)))).status).toBe(403)
  })

  test('is one way in, and a token is the other', async () => {
    const { ask, team } = await behindAccess({}, { API_TOKEN: 'right-token' })
    const bearer = { authorization: 'Bearer right-token' }
    expect((await ask(POLL, { method: 'POST', body, headers: bearer })).status).toBe(200)
    expect((await ask(POLL, asserting('a.b.c', bearer))).status).toBe(200)
    expect((await ask(POLL, asserting(await team.token(NOON), { authorization: 'Bearer x' }))).status).toBe(
      200,
    )
    expect((await ask(POLL, asserting('a.b.c', { authorization: 'Bearer x' }))).status).toBe(401)
  })
})

describe('a token of Access is refused as any other', () => {
  const hour = 3600
  const at = NOON / 1000
  test.each<[string, JWTPayload | { exp: undefined }]>([
    ['of another audience', { aud: ['0'.repeat(64)] }],
    ['of no audience', { aud: [] }],
    ['of another team', { iss: 'https://evil.cloudflareaccess.com' }],
    ['that is over', { exp: at - 1 }],
    ['of later', { nbf: at + hour }],
    ['that never ends', { exp: undefined }],
  ])('%s', async (_, claims) => {
    const { ask, team } = await behindAccess()
    const answer = await ask(POLL, asserting(await team.token(NOON, claims)))
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'unauthorized' }])
  })

  test('that somebody else signed, or nobody, or with another algorithm', async () => {
    const { ask, team } = await behindAccess()
    const [right, stranger] = [await team.token(NOON), new Team()]
    await stranger.addKey('key-1', 'of-a-stranger')
    const [head, claims] = right.split('.')
    const publicKey = new TextEncoder().encode(JSON.stringify(team.published[0]))
    const symmetric = new SignJWT({ iss: ISSUER, aud: AUDIENCE, iat: at, exp: at + hour })
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid: 'key-1' })).toString('base64url')
    const bad = [
      await stranger.token(NOON),
      await symmetric.setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(publicKey),
      `${none}.${claims}.`,
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${right}x`,
      '',
      'a.b.c',
      '.'.repeat(5_000),
    ]
    for (const token of bad) expect([(await ask(POLL, asserting(token))).status, token]).toEqual([401, token])
    expect((await ask(POLL, asserting(right))).status).toBe(200)
  })
})

const answering = (status: number) => async (team: Team) =>
  Response.json({ keys: team.published }, { status })

describe('the keys of a team', () => {
  test('are fetched once, and again for a key that is new, but not for every token that is made up', async () => {
    const { ask, team } = await behindAccess()
    const statusOf = async (kid: string) =>
      (await ask(POLL, asserting(await team.token(NOON, {}, kid)))).status
    for (let n = 0; n < 5; n += 1) expect(await statusOf('key-1')).toBe(200)
    expect(team.asked).toHaveLength(1)
    await team.addKey('key-2')
    for (let n = 0; n < 5; n += 1) expect(await statusOf('key-2')).toBe(401)
    expect(team.asked).toHaveLength(1)
    vi.setSystemTime(NOON + 30_001)
    for (let n = 0; n < 5; n += 1) expect(await statusOf('key-2')).toBe(200)
    expect(team.asked).toHaveLength(2)
    vi.setSystemTime(NOON + 630_002)
    expect(await statusOf('key-1')).toBe(200)
    expect(team.asked).toHaveLength(3)
  })

  test.each<[string, (team: Team) => Promise<Response>]>([
    ['do not come', () => Promise.reject(new TypeError('fetch failed'))],
    ['are an error', answering(503)],
    ['are not there', answering(404)],
    ['are elsewhere', answering(302)],
    ['are no JSON', async () => new Response('<html>')],
    ['are none', async () => Response.json({ keys: [null] })],
    ['are no list', async () => Response.json({ keys: 'key-1' })],
  ])('that %s let nobody in, and the log says so without the token', async (_, fetch) => {
    const team = new Team()
    await team.addKey('key-1')
    const auth = { accessTeam: TEAM, accessAudience: AUDIENCE }
    const { ask } = await served({ auth, fetch: () => fetch(team) })
    const lines: string[] = []
    const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
    const token = await team.token(NOON)
    const answer = await ask(POLL, asserting(token))
    log.mockRestore()
    expect(answer.status).toBe(401)
    expect(lines).toEqual([expect.stringContaining('access_keys_unavailable')])
    expect(lines.join()).not.toContain(token)
  })
})

describe('a request that a browser sends for somebody whom Access knows', () => {
  const form = { 'content-type': 'text/plain' }

  test('is refused when another page has it sent', async () => {
    const { ask, team } = await behindAccess({ origins: ['https://ops.example'] })
    const token = await team.token(NOON)
    const sent = async (headers: Record<string, string>) =>
      (await ask(POLL, asserting(token, headers))).status
    expect(await sent({ ...form, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(
      await sent({ ...form, origin: 'https://a.scheduler.example', 'sec-fetch-site': 'same-site' }),
    ).toBe(403)
    expect(await sent({ ...form, origin: 'null' })).toBe(403)
    expect(await sent(form)).toBe(403)
    expect(await sent({ ...form, origin: ORIGIN })).toBe(200)
    expect(await sent({ ...form, 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await sent({ ...form, origin: 'https://ops.example', 'sec-fetch-site': 'cross-site' })).toBe(200)
  })

  test('is nothing that a page can forge when it bears a token', async () => {
    const { ask } = await behindAccess({}, { API_TOKEN: 'right-token' })
    const headers = { ...form, origin: 'https://evil.example', authorization: 'Bearer right-token' }
    expect((await ask(POLL, { method: 'POST', body, headers })).status).toBe(200)
  })
})

test.each([
  [{ accessTeam: TEAM }, 'not_configured'],
  [{ accessAudience: AUDIENCE }, 'invalid_argument'],
  [{ accessTeam: 'evil.example/', accessAudience: AUDIENCE }, 'invalid_argument'],
  [{ accessTeam: 'https://acme.cloudflareaccess.com', accessAudience: AUDIENCE }, 'invalid_argument'],
  [{ accessTeam: TEAM, accessAudience: AUDIENCE, accessScope: 'all' as 'admin' }, 'invalid_argument'],
])('what is half configured is refused: %j', async (auth, code) => {
  const { ask } = await served({ auth })
  const answer = await ask('/')
  expect([answer.status, await answer.json()]).toMatchObject([500, { code }])
})
