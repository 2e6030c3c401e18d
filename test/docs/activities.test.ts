/** As the guide to activities shows it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'
import { approve, approvedOrder, askForApproval, importCatalog } from '../../examples/docs/approval.ts'
import { defineActivity } from '../../shared/define.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'

let env: TestEnvironment
let token = ''
const fetchPage = defineActivity('fetchPage', (page: number) => `page ${page}`)

beforeEach(async () => {
  env = await createTestEnvironment({
    workflows: [approvedOrder, importCatalog],
    activities: [askForApproval, fetchPage],
  })
  env.mockActivity(askForApproval, (_, ctx) => {
    token = ctx.taskToken
    return ctx.completeLater()
  })
})

afterEach(async () => {
  await env.dispose()
})

const order = { id: '7', mailTo: 'ada@example.com' }

test('an approval may be given days later, after the process was lost', async () => {
  const run = await env.client.start(approvedOrder, { input: order })
  await env.settle()
  await env.advance('6d')
  await env.evict()
  await approve(env.client, token, 'ada')
  expect(await run.result()).toBe('approved by ada')
})

test('an approval may be declined, or never come', async () => {
  const declined = await env.client.start(approvedOrder, { input: order })
  await env.settle()
  await approve(env.client, token, '')
  await expect(declined.result()).rejects.toThrow('declined')
  const never = await env.client.start(approvedOrder, { input: order })
  await env.settle()
  await env.advance('7d')
  await expect(never.result()).rejects.toThrow('start-to-close')
  await expect(approve(env.client, token, 'ada')).rejects.toMatchObject({ code: 'stale_task' })
})

test('every page is fetched', async () => {
  expect(await env.client.execute(importCatalog, { input: [1, 2] })).toEqual(['page 0', 'page 1', 'page 2'])
})
