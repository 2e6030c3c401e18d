/** Calls that came in one: each is answered as if it had come alone, and answers of one moment go back in one. */
import { invalid } from '../shared/names.ts'
import type { Reply, ShardApi } from '../shared/protocol.ts'
import { GATHERED } from '../shared/together.ts'
import type { GatheredCall, GatheredVerb, Tell, Told } from '../shared/together.ts'
import { refusalOf } from './refuse.ts'

type Verbs = Pick<ShardApi, GatheredVerb>

/** The replies that come last, and those that could not be told; all others have been by then. */
export async function together(
  shard: Verbs,
  calls: readonly GatheredCall[],
  tell: Tell,
): Promise<Reply<Told[]>> {
  if (typeof tell !== 'function') throw invalid('tell', 'a function', tell)
  const { promise: last, resolve } = Promise.withResolvers<Told[]>()
  const telling: Promise<readonly Told[]>[] = []
  let left = calls.length
  let answered: Told[] = []
  const flush = (): void => {
    const answers = answered
    answered = []
    left -= answers.length
    if (left === 0) resolve(answers)
    else telling.push(told(tell, answers))
  }
  for (const [place, call] of calls.entries()) {
    void answer(shard, call).then((reply) => {
      if (answered.push([place, reply]) === 1) queueMicrotask(flush)
    })
  }
  if (left === 0) resolve([])
  const answers = await last
  const untold = (await Promise.all(telling)).flat()
  return { ok: true, value: [...untold, ...answers] }
}

/** Null where the shard would have thrown: a call of its own carries that, with all that is to be known of it. */
async function answer(shard: Verbs, { verb, request }: GatheredCall): Promise<Reply<unknown> | null> {
  try {
    if (!GATHERED.includes(verb)) return refusalOf(invalid('verb', `one of ${GATHERED.join(', ')}`, verb))
    const ask = shard[verb] as (request: GatheredCall['request']) => Promise<Reply<unknown>> // of that verb
    return await Reflect.apply(ask, shard, [request])
  } catch {
    return null
  }
}

/** What is left to be told. Where whoever asked is gone, it asks again. */
async function told(tell: Tell, answers: readonly Told[]): Promise<readonly Told[]> {
  try {
    await tell(answers)
    return []
  } catch {
    return answers
  }
}
