/** The world outside, which no kill touches: an HTTP server that applies effects once by their keys and keeps change events. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Effect, Position } from './api.ts'

export interface Sink {
  readonly url: string
  /** How often each effect was asked for, by its key. */
  readonly attempts: ReadonlyMap<string, number>
  /** Keys that came from more than one workflow. */
  readonly shared: ReadonlySet<string>
  /** How often each change event came, by shard and sequence. */
  readonly changes: ReadonlyMap<number, ReadonlyMap<number, number>>
  close(): Promise<void>
}

export async function openSink(): Promise<Sink> {
  const attempts = new Map<string, number>()
  const owners = new Map<string, string>()
  const shared = new Set<string>()
  const changes = new Map<number, Map<number, number>>()
  const routes: Record<string, (body: string) => void> = {
    '/effects': (body) => {
      const { key, workflowId }: Effect = JSON.parse(body)
      attempts.set(key, (attempts.get(key) ?? 0) + 1)
      if ((owners.get(key) ?? workflowId) !== workflowId) shared.add(key)
      owners.set(key, workflowId)
    },
    '/changes': (body) => {
      for (const { shard, sequence } of JSON.parse(body) as Position[]) {
        const ofShard = changes.get(shard) ?? new Map<number, number>()
        changes.set(shard, ofShard.set(sequence, (ofShard.get(sequence) ?? 0) + 1))
      }
    },
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      // A body that was cut off came from a process that was killed: the engine sends it again.
      if (body !== null) routes[request.url ?? '']?.(body)
      response.end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    attempts,
    shared,
    changes,
    close: async () => {
      const closed = new Promise((done) => server.close(done))
      server.closeAllConnections()
      await closed
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  try {
    return await text(request)
  } catch {
    return null
  }
}
