/** Calls that came in one, answered by a shard whose caller is not always there to be told. */
import { expect, test } from 'vitest'
import { together } from '../../scheduler-do/together.ts'
import type { Reply } from '../../shared/protocol.ts'
import type { GatheredCall, GatheredVerb, Told } from '../../shared/together.ts'

/** Answers each call when the test says so. */
function answering(count: number) {
  const answers = Array.from({ length: count }, () => Promise.withResolvers<Reply<null>>())
  let asked = 0
  const shard = { signal: () => answers[asked++]!.promise } as unknown as Parameters<typeof together>[0] // no other verb is asked
  const calls = answers.map(() => ({ verb: 'signal' satisfies GatheredVerb, request: {} }) as GatheredCall)
  return { shard, calls, answer: (place: number) => answers[place]!.resolve({ ok: true, value: null }) }
}

const places = (told: readonly Told[]) => told.map(([place]) => place)
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('what is answered at one moment is told at once, and the last of it is what comes back', async () => {
  const { shard, calls, answer } = answering(4)
  const told: number[][] = []
  const reply = together(shard, calls, (answers) => void told.push(places(answers)))
  answer(2)
  answer(0)
  await settled()
  expect(told).toEqual([[2, 0]])
  answer(1)
  await settled()
  answer(3)
  expect(await reply).toMatchObject({ ok: true, value: [[3, { ok: true }]] })
  expect(told).toEqual([[2, 0], [1]])
})

test('what could not be told comes back with the last', async () => {
  const { shard, calls, answer } = answering(3)
  const reply = together(shard, calls, () => Promise.reject(new Error('Network connection lost.')))
  answer(1)
  await settled()
  answer(0)
  await settled()
  answer(2)
  const last = await reply
  expect(last.ok && places(last.value)).toEqual([1, 0, 2])
})

test('nothing is asked, nothing is told', async () => {
  const { shard } = answering(0)
  expect(await together(shard, [], () => {})).toEqual({ ok: true, value: [] })
})
