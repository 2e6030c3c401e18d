/** Restate: its server and, in a Node process, a service built with its SDK. */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Http } from './http.ts'
import { PEERS } from './peers.ts'
import type { Asked } from './runs.ts'
import { type Calls, System, freePort } from './system.ts'

interface Ports {
  ingress: number
  admin: number
  node: number
  /** Of the service; the server keeps its address. */
  service: number
}

export class Restate extends System {
  readonly name = 'restate'
  /** Where the result of each run is asked for, in every life of the server. */
  readonly #results = new Map<string, string>()
  #ports: Ports | undefined

  protected async launch(): Promise<Calls> {
    const isFirst = this.#ports === undefined
    const ports = (this.#ports ??= await freePorts())
    const log = join(this.directory, 'stderr.log')
    this.tree.spawn({ command: server(), args: ['--no-logo'], log, env: settings(ports, this.directory) })
    const app = [join(PEERS, 'restate.ts'), String(ports.service)]
    this.tree.spawn({ command: process.execPath, args: app, log, env: { RESTATE_LOGGING: 'WARN' } })
    if (isFirst) await this.#register(ports)
    const calls = new OverIngress(ports.ingress, this.#results)
    await this.untilUp(() => calls.isUp())
    return calls
  }

  /** Once for all its lives. */
  async #register({ admin, service }: Ports): Promise<void> {
    const http = new Http(admin)
    const body = { uri: `http://127.0.0.1:${service}` }
    await this.untilUp(async () => (await http.ask({ method: 'POST', path: '/deployments', body })) !== null)
    http.close()
  }
}

/** The calls as Restate's own ingress takes them. */
class OverIngress implements Calls {
  readonly #http: Http
  readonly #results: Map<string, string>

  constructor(port: number, results: Map<string, string>) {
    this.#http = new Http(port)
    this.#results = results
  }

  execute(id: string, asked: Asked): Promise<unknown> {
    return this.#http.ask({ method: 'POST', path: pathOf(id, asked), body: asked })
  }

  async start(id: string, asked: Asked): Promise<void> {
    const sent = await this.#http.ask({ method: 'POST', path: `${pathOf(id, asked)}/send`, body: asked })
    this.#results.set(id, `/restate/invocation/${invocationOf(sent)}/attach`)
  }

  result(id: string): Promise<unknown> {
    const path = this.#results.get(id)
    if (path === undefined) throw new Error(`${id} was not started`)
    return this.#http.ask({ method: 'GET', path })
  }

  async signal(id: string): Promise<void> {
    await this.#http.ask({ method: 'POST', path: `/waits/${id}/signal` })
  }

  async isUp(): Promise<boolean> {
    return (await this.#http.ask({ method: 'POST', path: '/activities/tick' })) !== null
  }

  close(): void {
    this.#http.close()
  }
}

function pathOf(id: string, { program }: Asked): string {
  return program === 'waits' ? `/waits/${id}/run` : `/bench/${program}`
}

function invocationOf(sent: unknown): string {
  if (typeof sent === 'object' && sent !== null && 'invocationId' in sent) return String(sent.invocationId)
  throw new Error(`no invocation: ${JSON.stringify(sent)}`)
}

/** The binary itself: its Node wrapper would be one more process. */
function server(): string {
  const wrapper = createRequire(join(PEERS, 'node_modules/@restatedev/restate-server/package.json'))
  return wrapper.resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`)
}

function settings({ ingress, admin, node }: Ports, directory: string): Record<string, string> {
  return {
    RESTATE_NODE_NAME: 'bench',
    RESTATE_BASE_DIR: join(directory, 'data'),
    RESTATE_LISTEN_MODE: 'tcp',
    RESTATE_DEFAULT_NUM_PARTITIONS: String(availableParallelism()), // of 24, each commits for itself
    RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    RESTATE_DISABLE_TELEMETRY: 'true',
    RESTATE_LOG_FILTER: 'warn',
  }
}

async function freePorts(): Promise<Ports> {
  return {
    ingress: await freePort(),
    admin: await freePort(),
    node: await freePort(),
    service: await freePort(),
  }
}
