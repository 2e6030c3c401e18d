import { createTestEnvironment, type TestEnvironment } from 'perdure/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sendMail } from '../activities.ts'
import { confirmed, signUp, stage, workflows } from '../workflows.ts'

let env: TestEnvironment
let mails: string[]

beforeEach(async () => {
  env = await createTestEnvironment({ workflows, activities: [sendMail] })
  mails = []
  env.mockActivity(sendMail, ({ text }) => void mails.push(text))
})

afterEach(() => env.dispose())

test('who confirms after the reminder is welcomed', async () => {
  const run = await env.client.start(signUp, { input: 'ada@example.com' })
  await env.advance('1d')
  expect(await run.query(stage)).toBe('reminded')
  await run.signal(confirmed)
  expect(await run.result()).toBe('welcomed')
  expect(mails).toEqual(['Please confirm your address', 'You have not confirmed yet', 'Welcome'])
})

test('who never confirms is forgotten after three days', async () => {
  const run = await env.client.start(signUp, { input: 'ada@example.com' })
  await env.advance('3d')
  expect(await run.result()).toBe('forgotten')
})

test('a mail service that is down is asked again', async () => {
  let attempts = 0
  env.mockActivity(sendMail, ({ text }) => {
    attempts += 1
    if (attempts < 3) throw new Error('mail.example answered 503')
    mails.push(text)
  })
  await env.client.start(signUp, { input: 'ada@example.com' })
  await env.advance('3s')
  expect({ attempts, mails }).toEqual({ attempts: 3, mails: ['Please confirm your address'] })
})

test('no mail is sent twice when the process is lost behind it', async () => {
  env.crashAfter('activity_completed')
  const run = await env.client.start(signUp, { input: 'ada@example.com' })
  await env.advance('3d')
  expect(await run.result()).toBe('forgotten')
  expect(mails).toEqual(['Please confirm your address', 'You have not confirmed yet'])
})
