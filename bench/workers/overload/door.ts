/** Lets another process ask shards: each message of a WebSocket is one request, its answer comes when there is one. */
import type { Answered, Asked } from '../../overload/figures.ts'

interface Env {
  SCHEDULER: DurableObjectNamespace
}

type Verbs = Record<string, (...args: unknown[]) => Promise<unknown>>

/** All who wait for an isolate's lock are woken whenever it is let go: a thousand at once would keep the thread for themselves. */
const AT_ONCE = 32

export default {
  fetch(request: Request, env: Env): Response {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('up')
    const { 0: theirs, 1: ours } = new WebSocketPair()
    ours.accept()
    let answers: Answered[] = []
    const send = (): void => {
      ours.send(JSON.stringify(answers))
      answers = []
    }
    const line: Asked[] = []
    let passing = false
    const pass = async (): Promise<void> => {
      passing = true
      for (; line.length > 0; await scheduler.wait(0))
        for (const asked of line.splice(0, AT_ONCE))
          void answer(env, asked).then((answered) => {
            if (answers.push(answered) === 1) setTimeout(send, 0)
          })
      passing = false
    }
    ours.addEventListener('message', ({ data }) => {
      const asked: Asked[] = JSON.parse(String(data))
      line.push(...asked)
      if (!passing) void pass()
    })
    return new Response(null, { status: 101, webSocket: theirs })
  },
}

async function answer({ SCHEDULER }: Env, { number, shard, verb, args }: Asked): Promise<Answered> {
  const stub = SCHEDULER.get(SCHEDULER.idFromName(shard)) as unknown as Verbs // those of a shard
  try {
    return { number, reply: await stub[verb]?.(...args) }
  } catch (error) {
    return { number, thrown: String(error) }
  }
}
