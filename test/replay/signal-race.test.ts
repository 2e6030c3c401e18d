import { expect, test } from 'vitest'
import type { WorkflowContext } from '../../shared/context.ts'
import type { Input } from '../../shared/core/inputs.ts'
import { signal, workflow } from '../../shared/define.ts'
import { Run, replayed, seeded } from './driver.ts'

const INTERLEAVINGS = 10_000
const a = signal<string>('a')
const b = signal<string>('b')

/** Reads the signals of two names in waits that run out, one after the other and at once, and tells what it got. */
const reading = workflow('reading', async (ctx: WorkflowContext, rounds: number) => {
  const read: string[] = []
  ctx.setQueryHandler('read', () => read)
  for (let round = 0; round < rounds; round += 1) {
    const waits = [ctx.waitForSignal(a, { timeout: 10, default: null })]
    if (round % 2 === 1) waits.push(ctx.waitForSignal(a, { timeout: 5, default: null }))
    if (round % 3 === 1) waits.push(ctx.waitForSignal(b, { timeout: 5, default: null }))
    await Promise.all(
      waits.map(async (wait) => {
        const one = await wait
        if (one !== null) read.push(one)
      }),
    )
  }
  await ctx.waitForSignal('end')
})

/** What may come next: another signal, the same one once more, or a timer that is due (once more, too). */
function nextInput(run: Run, draw: () => number, sent: string[]): Input {
  const timers = [...run.state.timers.keys()]
  const kind = draw()
  if (kind < 0.45 || timers.length === 0) {
    const again = draw() < 0.2 ? sent[Math.floor(draw() * sent.length)] : undefined
    const payload = again ?? `signal-${sent.length + 1}`
    if (!again) sent.push(payload)
    const name = Number(payload.slice('signal-'.length)) % 3 === 0 ? 'b' : 'a'
    return { type: 'signal_workflow', name, payload, signalId: payload }
  }
  const seq = timers[Math.floor(draw() * timers.length)]!
  run.now = Math.max(run.now, run.state.timers.get(seq)!)
  return { type: 'fire_timer', seq: kind > 0.95 ? Math.max(1, seq - 1) : seq }
}

async function interleave(seed: number): Promise<{ run: Run; sent: string[] }> {
  const draw = seeded(seed)
  const run = new Run(reading, { workflowId: 'reading', runId: `run-${seed}` })
  const sent: string[] = []
  await run.start(1 + Math.floor(draw() * 4))
  const turns = 2 + Math.floor(draw() * 6)
  for (let turn = 0; turn < turns; turn += 1) {
    const inputs = Array.from({ length: 1 + Math.floor(draw() * 4) }, () => nextInput(run, draw, sent))
    await run.give(...inputs)
    if (draw() < 0.1) await run.evict()
  }
  return { run, sent }
}

/** What the code has read, and what still lies in the inbox. */
function whereabouts({ coroutine }: Pick<Run, 'coroutine'>) {
  const read = coroutine.queries.answer('read', []) as string[] // what the handler answers
  return { read, unread: coroutine.inbox.unread().map(({ signalId }) => signalId) }
}

test('88 signal/not lost under timeout race: each signal is read exactly once or still in the inbox', async () => {
  const seeds = Array.from({ length: INTERLEAVINGS }, (_, index) => index + 1)
  let [signals, readAtAll, firedAtAll] = [0, 0, 0]
  for (const seed of seeds) {
    const { run, sent } = await interleave(seed)
    const { read, unread } = whereabouts(run)
    expect([...read, ...unread].toSorted(), `seed ${seed}`).toEqual(sent.toSorted())
    const coroutine = await replayed(reading, run.history, run.identity)
    expect(whereabouts({ coroutine }), `seed ${seed}, replayed`).toEqual({ read, unread })
    signals += sent.length
    readAtAll += read.length
    firedAtAll += run.types.filter((type) => type === 'timer_fired').length
  }
  // The interleavings are worth something only if both ends of the race win often.
  expect(readAtAll).toBeGreaterThan(signals / 4)
  expect(signals - readAtAll).toBeGreaterThan(INTERLEAVINGS / 4)
  expect(firedAtAll).toBeGreaterThan(INTERLEAVINGS)
})
