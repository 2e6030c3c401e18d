/** The door by which the overload asks an engine in another process. */
import { afterEach, expect, test, vi } from 'vitest'
import { Door } from '../../bench/overload/door.ts'
import type { Asked } from '../../bench/overload/figures.ts'
import { WorkflowClient } from '../../shared/index.ts'

/** What the platform opens, with an engine behind it that starts whatever it is asked to. */
class Socket extends EventTarget {
  static asked: Asked[] = []

  constructor() {
    super()
    setImmediate(() => this.dispatchEvent(new Event('open')))
  }

  send(text: string): void {
    const asked: Asked[] = JSON.parse(text)
    Socket.asked.push(...asked)
    const answers = asked.map(({ number }) => ({
      number,
      reply: { ok: true, value: { runId: `run-${number}` } },
    }))
    setImmediate(() => this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(answers) })))
  }
}

afterEach(() => void vi.unstubAllGlobals())

test('starts of one moment cross as the requests that they are, and each is answered and counted', async () => {
  vi.stubGlobal('WebSocket', Socket)
  const door = await Door.open('http://engine')
  const client = new WorkflowClient(door, { shards: 1 })
  const runs = await Promise.all(['a', 'b', 'c'].map((workflowId) => client.start('plain', { workflowId })))
  expect(Socket.asked.map(({ verb }) => verb)).toEqual(['start', 'start', 'start'])
  expect(runs.map(({ runId }) => runId)).toEqual(['run-1', 'run-2', 'run-3'])
  expect(door.starts).toBe(3)
})
