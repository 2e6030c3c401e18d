import { expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/define.ts'
import { fromBase64 } from '../../shared/base64.ts'
import { register } from '../workers/registry.ts'
import { client, recorded, rejection, until } from './world.ts'

const tokens = new Map<string, string>()
const handsOver = defineActivity('auth-hands-over', async (name: string, ctx) => {
  tokens.set(name, ctx.taskToken)
  return ctx.completeLater()
})
const waits = workflow('auth-waits', async (ctx, names: string[]) =>
  Promise.all(names.map((input) => ctx.activity(handsOver, { input }))),
)
register(handsOver, waits)

/** As the token is made, but by whoever does not know the key. */
async function forged(token: string, change: (fields: unknown[]) => void, key: string): Promise<string> {
  const [body = ''] = token.split('.')
  const base64 = body.replaceAll('-', '+').replaceAll('_', '/')
  const fields = JSON.parse(new TextDecoder().decode(fromBase64(base64))) as unknown[]
  change(fields)
  const text = url(new TextEncoder().encode(JSON.stringify(fields)))
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(key), algorithm, false, [
    'sign',
  ])
  const signature = await crypto.subtle.sign('HMAC', secret, new TextEncoder().encode(text))
  return `${text}.${url(new Uint8Array(signature))}`
}

function url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

test('110 auth: a task token cannot be forged, nor used for another activity', async () => {
  const run = await client.start(waits, { workflowId: 'auth-110', input: ['first', 'second'] })
  await until(() => tokens.has('first') && tokens.has('second'))
  const first = tokens.get('first')!
  const second = tokens.get('second')!
  const [bodyOfFirst] = first.split('.')
  const [, signatureOfSecond] = second.split('.')
  const other = 'a-key-of-somebody-else-0123456789'
  const bad = [
    `${bodyOfFirst}.${signatureOfSecond}`,
    `${bodyOfFirst}.`,
    await forged(first, (fields) => (fields[4] = 2), other),
    await forged(first, (fields) => (fields[5] = 2), other),
    await forged(first, () => {}, other),
  ]
  for (const token of bad) {
    const uses = [
      () => client.activities.complete(token, 'stolen'),
      () => client.activities.fail(token, new Error('no')),
      () => client.activities.heartbeat(token),
    ]
    for (const use of uses) expect(await rejection(use())).toMatchObject({ code: 'unauthorized' })
  }
  for (const text of ['', 'x', 'x.y', `${btoa('[1]')}.`, `${first}.x`]) {
    expect(await rejection(client.activities.complete(text))).toMatchObject({
      code: 'invalid_argument',
      path: 'taskToken',
    })
  }
  expect(await recorded(run, 'activity_completed')).toEqual([])
  await client.activities.complete(first, 1)
  expect(await recorded(run, 'activity_completed')).toMatchObject([{ seq: 1, result: 1 }])
  await client.activities.complete(second, 2)
  expect(await run.result()).toEqual([1, 2])
})
