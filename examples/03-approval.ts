/** An expense that people approve: each is asked in turn, has two days, and decides by an update. */
import { defineActivity, query, update, workflow, type ActivityContext } from '../shared/index.ts'

export interface Expense {
  employee: string
  euros: number
  /** Who is asked, one after another, until somebody decides. */
  approvers: readonly string[]
}

export interface Decision {
  by: string
  approved: boolean
}

export const decide = update<void, [decision: Decision]>('decide')
export const askedNow = query<string>('askedNow')

export const askByMail = defineActivity('askByMail', async (question: { to: string; text: string }, ctx) => {
  await post('https://mail.example/messages', question, ctx)
})

export const reimburse = defineActivity('reimburse', async (payment: { to: string; euros: number }, ctx) => {
  await post('https://bank.example/payments', payment, ctx)
})

export const expense = workflow(
  'expense',
  { messages: { decide, askedNow } },
  async (ctx, { employee, euros, approvers }: Expense) => {
    const decisions: Decision[] = []
    let asked = 'nobody'
    ctx.setQueryHandler(askedNow, () => asked)
    ctx.setUpdateHandler(decide, (decision) => void decisions.push(decision), {
      validate: ({ by }) => {
        if (decisions.length > 0) throw new Error('it has been decided')
        if (by !== asked) throw new Error(`${asked} is asked, not ${by}`)
      },
    })

    for (const approver of approvers) {
      asked = approver
      await ctx.activity(askByMail, { input: { to: approver, text: `${employee} spent ${euros} euros` } })
      if (await ctx.condition(() => decisions.length > 0, '2d')) break
    }

    const [decision] = decisions
    if (!decision) return { status: 'unanswered' as const }
    if (!decision.approved) return { status: 'rejected' as const, by: decision.by }
    await ctx.activity(reimburse, { input: { to: employee, euros } })
    return { status: 'paid' as const, by: decision.by }
  },
)

/** Tried again, it is the same mail and the same payment to those who keep the key. */
async function post(url: string, body: object, { idempotencyKey }: ActivityContext): Promise<void> {
  const headers = { 'idempotency-key': idempotencyKey }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
}
