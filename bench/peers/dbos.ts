/** The programs of ../outside/runs.ts on DBOS, with the HTTP front that an application of DBOS has in its own process. */
import { DBOS, type WorkflowHandle } from '@dbos-inc/dbos-sdk'
import { type IncomingMessage, createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Asked, type Lane, type Program, isEdge, tell } from '../outside/runs.ts'

const [, , port, systemDatabaseUrl = ''] = process.argv
const QUEUE = 'activities'
/** A second by default; less gains nothing. */
const POLLS = { pollingIntervalMs: 10 }
const FOREVER_S = 3_600

const tick = DBOS.registerWorkflow(async () => Date.now(), { name: 'tick' })

const programs: Record<Program, (asked: Asked) => Promise<number[]>> = {
  sequence: DBOS.registerWorkflow(
    async ({ lane, count }: Asked) => {
      const edges: number[] = []
      for (let n = 1; n <= count; n += 1) {
        const at = await step(lane, n)
        if (isEdge(n, count)) edges.push(at)
      }
      return edges
    },
    { name: 'sequence' },
  ),
  fan: DBOS.registerWorkflow(
    async ({ lane, count }: Asked) => {
      await Promise.all(Array.from({ length: count }, (_, n) => step(lane, n + 1)))
      return []
    },
    { name: 'fan' },
  ),
  waits: DBOS.registerWorkflow(
    async () => {
      await DBOS.recv('go', FOREVER_S)
      return []
    },
    { name: 'waits' },
  ),
  sleeps: DBOS.registerWorkflow(
    async ({ count }: Asked) => {
      const before = await step('inline', 1)
      await DBOS.sleep(count)
      return [(await step('inline', 2)) - before - count]
    },
    { name: 'sleeps' },
  ),
  told: DBOS.registerWorkflow(
    async ({ count, url }: Asked) => {
      for (let n = 1; n <= count; n += 1) await DBOS.runStep(() => tell(url, n), { name: `step-${n}` })
      return []
    },
    { name: 'told' },
  ),
}

/** A result asked of the handle that started the run is not polled for. */
const started = new Map<string, WorkflowHandle<number[]>>()

DBOS.setConfig({ name: 'bench', systemDatabaseUrl, systemDatabasePoolSize: 20, logLevel: 'warn' })
await DBOS.launch()
await DBOS.registerQueue(QUEUE, { minPollingIntervalMs: POLLS.pollingIntervalMs })
const server = createServer((request, response) => {
  answer(request).then(
    (value) => response.end(JSON.stringify(value)),
    (error: unknown) => response.writeHead(500).end(String(error)),
  )
})
server.keepAliveTimeout = FOREVER_S * 1_000 // or a request could meet the end of its connection
server.listen(Number(port), '127.0.0.1')

async function answer(request: IncomingMessage): Promise<unknown> {
  const [, operation = '', id = ''] = (request.url ?? '').split('/')
  const body = await text(request)
  switch (operation) {
    case 'execute':
      return (await begin(id, JSON.parse(body))).getResult()
    case 'start':
      started.set(id, await begin(id, JSON.parse(body)))
      return null
    case 'signal':
      await DBOS.send(id, null, 'go')
      return null
    case 'result': {
      const handle = started.get(id) ?? DBOS.retrieveWorkflow<number[]>(id)
      started.delete(id)
      return handle.getResult(POLLS)
    }
    case 'up':
      return null
    default:
      throw new Error(`no operation is called ${operation}`)
  }
}

function begin(id: string, asked: Asked): Promise<WorkflowHandle<number[]>> {
  return DBOS.startWorkflow(programs[asked.program], { workflowID: id })(asked)
}

async function step(lane: Lane, n: number): Promise<number> {
  if (lane === 'inline') return DBOS.runStep(async () => Date.now(), { name: `step-${n}` })
  return (await DBOS.startWorkflow(tick, { queueName: QUEUE })()).getResult(POLLS)
}
