/** A task queue whose tasks are taken over HTTP: the scheduler on workerd, the worker a Node process of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, afterEach, expect, onTestFailed, test } from 'vitest'
import { createTestHarness } from 'wrangler'

const root = join(import.meta.dirname, 'workers')
const server = createTestHarness({ root, workers: [{ configPath: 'pulled.wrangler.toml' }] })
const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => server.close())

/** The worker, and what it has said. */
function worker(origin: string, token = 'the-token-of-this-test', holds = '') {
  const child = spawn(process.execPath, [join(root, 'gpu.ts'), origin, token, holds])
  children.push(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)))
  let ended = false
  const closed = once(child, 'close').then(() => void (ended = true)) // all that it said has come
  onTestFailed(() => console.log(`worker ${child.pid}, exit ${child.exitCode}:\n${said}`))
  const says = async (text: string): Promise<void> => {
    while (!said.includes(text)) {
      if (ended) throw new Error(`the worker ended\n${said}`)
      await Promise.race([once(child.stdout, 'data'), closed])
    }
  }
  return { child, says, closed, said: () => said }
}

async function rendered(origin: string, scenes: string[]): Promise<string[]> {
  const response = await fetch(`${origin}/rendered`, { method: 'POST', body: JSON.stringify(scenes) })
  return (await response.json()) as string[]
}

test('a Node process takes tasks, large ones too; what it had not finished at SIGTERM another one does', async () => {
  const { origin } = (await server.listen()).url
  const first = worker(origin, undefined, 'holds')
  const scenes = ['short', 'x'.repeat(200_000)]
  expect(await rendered(origin, scenes)).toEqual(scenes.map((scene) => `${scene} by 1`))

  const long = rendered(origin, ['long'])
  await first.says('render long')
  first.child.kill('SIGTERM')
  await first.closed
  expect(first.said()).toContain('down')
  worker(origin)
  expect(await long).toEqual(['long by 1']) // given back: no attempt was lost

  const stranger = worker(origin, 'a guess')
  await stranger.closed
  expect(stranger.said()).toContain('unauthorized')
})
