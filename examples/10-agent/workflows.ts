/** An agent: the model says which tools to call, and what moves money waits for a person. */
import {
  ActivityError,
  query,
  signal,
  workflow,
  type ActivityDefinition,
  type WorkflowContext,
} from '../../shared/index.ts'
import { refund, searchOrders, think, type Message, type ToolCall } from './activities.ts'

export const approval = signal<{ callId: string; by: string; approved: boolean }>('approval')
/** What waits for a person. */
export const waiting = query<readonly ToolCall[]>('waiting')

const tools: Record<string, { run: ActivityDefinition<string, string>; needsApproval: boolean }> = {
  searchOrders: { run: searchOrders, needsApproval: false },
  refund: { run: refund, needsApproval: true },
}

/** A model that never finishes is stopped. */
const MAX_TURNS = 20

export const agent = workflow('agent', { messages: { approval, waiting } }, async (ctx, task: string) => {
  const person = approvalsOf(ctx)
  const conversation: Message[] = [{ role: 'user', text: task }]
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    const answer = await ctx.activity(think, { input: conversation })
    conversation.push(answer)
    if (answer.calls.length === 0) return answer.text
    const results = answer.calls.map(async (call): Promise<Message> => {
      return { role: 'tool', callId: call.id, text: await called(ctx, call, person) }
    })
    conversation.push(...(await Promise.all(results)))
  }
  throw new Error(`no answer in ${MAX_TURNS} turns`)
})

/** The tool's result. What went wrong is a result too: the model may try something else. */
async function called(ctx: Context, { id, tool: name, argument }: ToolCall, person: Person): Promise<string> {
  const tool = tools[name]
  if (!tool) return `there is no tool ${name}`
  if (tool.needsApproval && !(await person({ id, tool: name, argument }))) return 'a person refused it'
  try {
    return await ctx.activity(tool.run, { input: argument, retry: { maxAttempts: 3 } })
  } catch (error) {
    if (error instanceof ActivityError) return `it failed: ${error.cause.message}`
    throw error
  }
}

type Context = WorkflowContext<{ approval: typeof approval; waiting: typeof waiting }>
type Person = (call: ToolCall) => Promise<boolean>

/** Resolves by the signal for that call; nobody within a day is a refusal. */
function approvalsOf(ctx: Context): Person {
  const pending = new Map<string, ToolCall>()
  const verdicts = new Map<string, boolean>()
  ctx.setQueryHandler(waiting, () => [...pending.values()])
  ctx.setSignalHandler(approval, ({ callId, approved }) => void verdicts.set(callId, approved))
  return async (call) => {
    pending.set(call.id, call)
    await ctx.condition(() => verdicts.has(call.id), '1d')
    pending.delete(call.id)
    return verdicts.get(call.id) ?? false
  }
}
