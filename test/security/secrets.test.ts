/** Whatever users pass is marked here, and looked for in everything that the engine says to logs and in its own errors. */
import { afterEach, expect, test, vi } from 'vitest'
import { ApplicationError, defineActivity, query, signal, update, workflow } from '../../shared/index.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import { errorFacts, log } from '../../scheduler-do/log.ts'
import { ORIGIN, served } from './served.ts'

/** In every payload, and in no name or id. */
const MARK = 'S3CR3T'
const secret = (what: string) => ({ card: `${MARK}-${what}`, [`${MARK}-key`]: [MARK, { deep: MARK }] })

const METHODS = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
function listening(): string[] {
  const said: string[] = []
  for (const method of METHODS)
    vi.spyOn(console, method).mockImplementation(
      (...words: unknown[]) => void said.push(words.map(shown).join(' ')),
    )
  return said
}

function shown(word: unknown): string {
  return word instanceof Error ? `${word.stack}` : typeof word === 'string' ? word : JSON.stringify(word)
}

afterEach(() => void vi.restoreAllMocks())

const told = signal<unknown>('told')
const asked = query<unknown, [unknown]>('asked')
const changed = update<unknown, [unknown]>('changed')

const works = defineActivity('works', async (_input: unknown, ctx) => {
  await ctx.heartbeat(secret('heartbeat'))
  return secret('result')
})
const failsOnce = defineActivity('failsOnce', async (_input: unknown, ctx) => {
  if (ctx.attempt === 1) throw new Error(`${MARK} in a message`)
  return secret('second')
})
const fails = defineActivity('fails', async () => {
  throw new ApplicationError(`${MARK} in a message`, { details: secret('details'), nonRetryable: true })
})
const activities = [works, failsOnce, fails]

const child = workflow('child', async (_ctx, input: unknown) => input)
const whole = workflow('whole', async (ctx, input: { fail: boolean }) => {
  ctx.setQueryHandler(asked, () => {
    throw new Error(`${MARK} in a query`)
  })
  ctx.setUpdateHandler(changed, async (given) => given, {
    validate: () => {
      throw new Error(`${MARK} in a validator`)
    },
  })
  ctx.upsertMemo({ memo: secret('memo') })
  await ctx.activity(works, { input: secret('input') })
  await ctx.activity(failsOnce, { input: secret('input') })
  await ctx.run('step', () => secret('step'))
  await ctx.executeChild(child, { input: secret('child') })
  await ctx.activity(fails, { input: secret('input') }).catch(() => {})
  await ctx.waitForSignal(told)
  if (input.fail) throw new ApplicationError(`${MARK} in the end`, { details: secret('end') })
  return secret('end')
})
const throws = workflow('throws', async (_ctx, _input: unknown) => {
  throw new Error(`${MARK} thrown`)
})
const differs = workflow('differs', async (ctx, _input: unknown) => {
  await ctx.activity(flips.name, { input: secret('input') })
})
const flips = { name: 'works' }

test('nothing of it is in a log, whether a workflow succeeds, fails, is cancelled, blocked or evicted', async () => {
  const said = listening()
  const env = await createTestEnvironment({ workflows: [whole, child, throws, differs], activities })
  for (const fail of [false, true]) {
    const input = { fail, ...secret('input') }
    const run = await env.client.start(whole, { workflowId: `whole ${fail}`, input, memo: secret('memo') })
    await env.advance('1m')
    await run.query(asked, secret('query')).catch(() => {})
    await run.update(changed, { args: [secret('update')] }).catch(() => {})
    await env.evict()
    await run.signal(told, secret('signal'))
    await env.advance('1m')
    await run.result().catch(() => {})
    await run.signal(told, secret('late')).catch(() => {})
  }
  await env.client.start(throws, { workflowId: 'throws', input: secret('input') })
  const blocked = await env.client.start(differs, { workflowId: 'differs', input: secret('input') })
  flips.name = 'fails'
  await env.evict()
  await env.advance('1m')
  await blocked.terminate(`${MARK} as a reason`)
  env.crashAfter('workflow_started')
  await env.client.start(throws, { workflowId: 'crashed', input: secret('input') }).catch(() => {})
  await env.advance('1h')
  await env.dispose()
  expect(said.filter((line) => line.includes(MARK))).toEqual([])
})

test('what could not be parsed is not quoted in a log', () => {
  const said = listening()
  try {
    JSON.parse(`{"card": ${MARK}}`)
  } catch (error) {
    log('defect', errorFacts(error))
  }
  expect(said).toEqual([expect.stringContaining('SyntaxError')])
  expect(said.join()).not.toContain('S3')
})

test('nothing of it, and no token, is in what HTTP answers or logs', async () => {
  const said = listening()
  const token = `${MARK}-token`
  const { ask } = await served({ env: { API_TOKEN: `${MARK}-right-token` } })
  const headers = { authorization: `Bearer ${token}`, cookie: `CF_Authorization=${token}`, origin: ORIGIN }
  const right = { ...headers, authorization: `Bearer ${MARK}-right-token` }
  const body = JSON.stringify({ claimId: { [MARK]: MARK }, tasks: [secret('task')] })
  for (const sent of [headers, right])
    for (const path of ['poll', 'renew', 'settle'])
      for (const text of [body, `{"${MARK}`, MARK]) {
        const answer = await ask(`/api/v1/task-queues/pulled/${path}`, {
          method: 'POST',
          headers: sent,
          body: text,
        })
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(await answer.text()).not.toContain(MARK)
      }
  expect(said.filter((line) => line.includes(MARK))).toEqual([])
})
