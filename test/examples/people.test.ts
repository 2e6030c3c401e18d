import { describe, expect, test } from 'vitest'
import { askByMail, askedNow, decide, expense, reimburse } from '../../examples/03-approval.ts'
import { collect, confirmed, requestPayment } from '../../examples/08-async-completion.ts'
import {
  refund,
  searchOrders,
  think,
  type Answer,
  type ToolCall,
} from '../../examples/10-agent/activities.ts'
import { agent, approval, waiting } from '../../examples/10-agent/workflows.ts'
import { failure, ok, status, worldOf } from './world.ts'

const world = worldOf({
  workflows: [expense, collect, agent],
  activities: [askByMail, reimburse, requestPayment, think, searchOrders, refund],
})

const PAYMENT = 'POST https://bank.example/payments'

describe('03-approval', () => {
  const input = { employee: 'ada', euros: 120, approvers: ['grace', 'edsger'] }
  const start = () => world.env.client.start(expense, { workflowId: 'expense-1', input })

  test('who is asked approves, and it is paid', async () => {
    const run = await start()
    await run.update(decide, { args: [{ by: 'grace', approved: true }] })
    expect(await run.result()).toEqual({ status: 'paid', by: 'grace' })
    expect(world.requests).toContain(PAYMENT)
  })

  test('a bank that is down is asked again until it has paid', async () => {
    const run = await start()
    await run.update(decide, { args: [{ by: 'grace', approved: true }] })
    world.answer = () => status(503)
    await world.env.advance('1h')
    world.answer = () => ok()
    await world.env.advance('100s')
    expect(await run.result()).toEqual({ status: 'paid', by: 'grace' })
  })

  test('after two days the next one is asked, though the process was lost', async () => {
    const run = await start()
    await world.env.advance('2d')
    await world.env.evict()
    expect(await run.query(askedNow)).toBe('edsger')
    await run.update(decide, { args: [{ by: 'edsger', approved: false }] })
    expect(await run.result()).toEqual({ status: 'rejected', by: 'edsger' })
    expect(world.requests).not.toContain(PAYMENT)
  })

  test('who is not asked is refused, and nothing of it is recorded', async () => {
    const run = await start()
    await world.env.settle()
    const refused = await failure(run.update(decide, { args: [{ by: 'mallory', approved: true }] }))
    expect(refused).toMatchObject({
      code: 'update_rejected',
      cause: { message: 'grace is asked, not mallory' },
    })
    await world.env.advance('4d')
    expect(await run.result()).toEqual({ status: 'unanswered' })
  })
})

describe('08-async-completion', () => {
  const input = { orderId: '7', cents: 990 }
  let reference = ''
  const start = async () => {
    world.answer = async (request) => {
      ;({ reference } = await request.json<{ reference: string }>())
      return ok()
    }
    const run = await world.env.client.start(collect, { input })
    await world.env.settle()
    return run
  }

  test('the webhook finishes the payment, a day later and after a crash', async () => {
    const run = await start()
    await world.env.advance('1d')
    await world.env.evict()
    expect((await webhook({ reference, receipt: 'r-1' })).status).toBe(204)
    expect(await run.result()).toBe('r-1')
    expect((await webhook({ reference, receipt: 'r-1' })).status).toBe(410)
  })

  test('a payment that is declined fails the workflow', async () => {
    const run = await start()
    await webhook({ reference, declined: 'no funds' })
    expect(await failure(run.result())).toMatchObject({
      cause: { cause: { type: 'declined', message: 'no funds' } },
    })
  })

  test('unconfirmed for three days, it is requested once more, and then given up', async () => {
    const run = await start()
    const first = reference
    await world.env.advance('3d')
    await world.env.advance('1m')
    expect(reference).not.toBe(first)
    expect((await webhook({ reference: first, receipt: 'r-1' })).status).toBe(410)
    await world.env.advance('3d')
    expect(await failure(run.result())).toMatchObject({ cause: { cause: { kind: 'start-to-close' } } })
    expect(world.requests).toHaveLength(2)
  })
})

describe('10-agent', () => {
  const task = 'ada wants her money back'
  const toRefund = { id: 'c2', tool: 'refund', argument: '7' }
  test('tools are called until the model has finished; a person lets the refund through', async () => {
    const told = model(says('', { id: 'c1', tool: 'searchOrders', argument: 'ada' }), says('', toRefund))
    world.answer = ({ url }) => new Response(url.includes('refund') ? 'refunded' : 'order 7')
    const run = await world.env.client.start(agent, { input: task })
    await world.env.settle()
    expect(await run.query(waiting)).toEqual([toRefund])
    await world.env.evict()
    await run.signal(approval, { callId: 'c2', by: 'grace', approved: true })
    expect(await run.result()).toBe('done')
    expect(told).toEqual([task, 'order 7', 'refunded'])
  })

  test('refused, or not answered within a day, nothing is refunded', async () => {
    const told = model(says('', toRefund), says('', { ...toRefund, id: 'c3' }))
    const run = await world.env.client.start(agent, { input: task })
    await run.signal(approval, { callId: 'c2', by: 'grace', approved: false })
    await world.env.advance('1d')
    expect(await run.result()).toBe('done')
    expect(told).toEqual([task, 'a person refused it', 'a person refused it'])
    expect(world.requests).toEqual([])
  })

  test('a tool that fails, or that there is not, is told to the model', async () => {
    const told = model(
      says('', { id: 'c1', tool: 'searchOrders', argument: 'ada' }),
      says('', { id: 'c2', tool: 'fly', argument: '' }),
    )
    world.answer = () => Promise.reject(new Error('the shop is down'))
    const run = await world.env.client.start(agent, { input: task })
    await world.env.advance('3s')
    expect(await run.result()).toBe('done')
    expect(told).toEqual([task, 'it failed: the shop is down', 'there is no tool fly'])
  })

  test('a model that is busy is asked again when it says so, and one that never finishes is stopped', async () => {
    const answers = [status(429, { 'retry-after': '45' }), ok(says('done'))]
    world.answer = () => answers.shift() ?? status(500)
    const busy = await world.env.client.start(agent, { input: task })
    await world.env.advance('44s')
    expect(world.requests).toHaveLength(1)
    await world.env.advance('1s')
    expect(await busy.result()).toBe('done')

    world.env.mockActivity(think, () => says('', { id: 'c1', tool: 'fly', argument: '' }))
    const endless = await failure(world.env.client.execute(agent, { input: task }))
    expect(endless).toMatchObject({ cause: { message: 'no answer in 20 turns' } })
  })
})

async function webhook(body: object): Promise<Response> {
  const request = new Request('https://shop.example/hook', { method: 'POST', body: JSON.stringify(body) })
  return await confirmed(world.env.client, request)
}

function says(text: string, ...calls: ToolCall[]): Answer {
  return { role: 'assistant', text, calls }
}

/** The model gives these answers, one after another, and then has finished. What it is told is kept. */
function model(...answers: Answer[]): string[] {
  const told: string[] = []
  world.env.mockActivity(think, (conversation) => {
    told.push(conversation.at(-1)?.text ?? '')
    return answers.shift() ?? says('done')
  })
  return told
}
