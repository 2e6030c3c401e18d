import { env } from 'cloudflare:workers'
import { test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { register } from '../workers/registry.ts'
import { client, typesOf } from './world.ts'
const w = workflow('u', async (ctx) => { void Promise.reject(new Error('nobody listens')); await ctx.sleep('1h') })
register(w)
addEventListener('unhandledrejection', (e) => { e.preventDefault(); void (env as any).ARCHIVE; console.log('GLOBAL HANDLER') })
test('unhandled', async () => {
  for (let i = 0; i < 2; i++) {
  const h = await client.start(w, {})
  console.log('T', await typesOf(h), (await h.describe()).blocked)
  }
})
