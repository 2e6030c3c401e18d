/**
 * Many single calls in few RPCs: a commit of the shard costs as much for one item as for fifty.
 *
 * O1 One request is in flight at a time; what comes meanwhile goes together in the next one.
 * O2 Nothing waits for company: the first item leaves in the macrotask that brought it.
 * O3 Of what waits only so much goes together as a call carries.
 */
import { WorkflowError } from '../shared/errors.ts'

/** With a payload each, on the way there or back, they stay below the 32 MiB of a call. */
export const MOST_TOGETHER = 200

interface Waiting<Item, Answer> {
  item: Item
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/** A function of one item whose calls share requests. `send` answers one per item, in order; its failure is everyone's. */
export function coalesce<Item, Answer>(
  send: (items: Item[]) => Promise<readonly Answer[]>,
): (item: Item) => Promise<Answer> {
  const waiting: Waiting<Item, Answer>[] = []
  let sending = false

  async function sendAll(): Promise<void> {
    sending = true
    while (waiting.length > 0) {
      await quiet(() => waiting.length)
      await sendTogether(waiting.splice(0, MOST_TOGETHER), send)
    }
    sending = false
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!sending) void sendAll()
    })
}

async function sendTogether<Item, Answer>(
  together: readonly Waiting<Item, Answer>[],
  send: (items: Item[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await send(together.map(({ item }) => item))
    if (answers.length !== together.length) throw miscounted(answers.length, together.length)
    answers.forEach((answer, index) => together[index]?.resolve(answer))
  } catch (error) {
    for (const { reject } of together) reject(error)
  }
}

const HOPS = 16

/**
 * Activities that end without waiting for anything end in one macrotask, some microtasks apart. A timer of 0 would
 * gather them too, but local workerd starves timers while another caller keeps a Durable Object busy.
 */
export async function quiet(size: () => number): Promise<void> {
  let before = -1
  while (size() !== before) {
    before = size()
    for (let hop = 0; hop < HOPS; hop++) await Promise.resolve()
  }
}

function miscounted(answers: number, items: number): WorkflowError {
  return new WorkflowError('internal', `the scheduler answered ${answers} of ${items} items`)
}
