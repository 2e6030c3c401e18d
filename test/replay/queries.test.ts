import { describe, expect, test } from 'vitest'
import { workflow } from '../../shared/define.ts'
import { asyncContext, begun, drain, stepContext } from './driver.ts'
import type { Ctx } from './driver.ts'

describe('a query', () => {
  const answers = workflow('answers', async (ctx) => {
    let stage = 'begun'
    ctx.setQueryHandler('stage', (suffix: string) => stage + suffix)
    ctx.setQueryHandler('later', async () => stage)
    ctx.setQueryHandler('calls', () => void ctx.sleep('1s').catch(() => {}))
    ctx.setQueryHandler('thrown', () => ctx.random())
    ctx.setQueryHandler('uuid', () => ctx.uuid())
    ctx.setQueryHandler('patch', () => ctx.patched('p'))
    ctx.setQueryHandler('where', () => asyncContext.current()?.mode)
    ctx.setQueryHandler('unsendable', () => () => 1)
    await ctx.waitForSignal('go')
    stage = 'went'
    await ctx.waitForSignal('never')
  })

  test('is answered from variables as they are after what was fed last', async () => {
    const run = await begun(answers)
    expect(run.coroutine.queries.answer('stage', ['!'])).toBe('begun!')
    await run.signal('go')
    expect(run.coroutine.queries.answer('stage', ['?'])).toBe('went?')
    expect(run.coroutine.queries.answer('where', [])).toBe('query')
  })

  test('nobody answers names those that are', async () => {
    const { coroutine } = await begun(answers)
    const refusal = { code: 'query_not_registered', known: expect.arrayContaining(['stage', 'later']) }
    expect(() => coroutine.queries.answer('nope', [])).toThrow(expect.objectContaining(refusal))
  })

  test('must be answered at once, with what can be sent', async () => {
    const { coroutine } = await begun(answers)
    const refusal = { code: 'invalid_argument', message: expect.stringContaining('asynchronous') }
    expect(() => coroutine.queries.answer('later', [])).toThrow(expect.objectContaining(refusal))
    expect(() => coroutine.queries.answer('unsendable', [])).toThrow(
      expect.objectContaining({ path: 'result' }),
    )
  })

  test.each(['thrown', 'uuid', 'patch'])('may not use the run’s own calls: %s', async (name) => {
    const run = await begun(answers)
    const refusal = { code: 'invalid_argument', message: expect.stringContaining('inside a query handler') }
    expect(() => run.coroutine.queries.answer(name, [])).toThrow(expect.objectContaining(refusal))
  })

  test('that tries a durable call adds nothing and breaks nothing', async () => {
    const run = await begun(answers)
    run.coroutine.queries.answer('calls', [])
    await drain()
    expect(run.coroutine.takeCommands()).toEqual([])
    expect(run.coroutine.violation).toBeNull()
  })
})

describe('an inline step', () => {
  test('may not use the run’s own calls', async () => {
    const run = await begun(async (ctx: Ctx) => {
      await ctx.run('draw', () => ctx.random())
      await ctx.run('sleep', () => ctx.sleep('1s'))
    })
    const inStep = { mode: 'step' } as const
    const draw = run.coroutine.steps.get(1)!
    const refusal = { code: 'invalid_argument', message: expect.stringContaining('inside ctx.run') }
    expect(() => asyncContext.run(inStep, () => draw(stepContext))).toThrow(expect.objectContaining(refusal))
    await run.complete(1, 0.5)
    const sleep = run.coroutine.steps.get(2)!
    await expect(asyncContext.run(inStep, () => sleep(stepContext))).rejects.toMatchObject(refusal)
  })
})
