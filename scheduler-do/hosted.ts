/** The classes that the platform makes instances of. Their methods are those of the plain classes, passed on. */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import type { Env, SchedulerConfig } from './config.ts'
import { SchedulerObject } from './scheduler.ts'
import { Service } from './service.ts'

type Configure = (env: Env) => SchedulerConfig

export type HostedObject = new (ctx: DurableObjectState, env: Env) => DurableObject<Env> & SchedulerObject
export type HostedService = new (ctx: ExecutionContext, env: Env) => WorkerEntrypoint<Env> & Service

export function hostedObject(configOf: Configure): HostedObject {
  class Scheduler extends DurableObject<Env> {
    readonly #object: SchedulerObject

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env)
      this.#object = new SchedulerObject(ctx, configOf(env))
    }

    static {
      passOn(Scheduler.prototype, SchedulerObject.prototype, (host) => host.#object)
    }
  }
  return Scheduler as unknown as HostedObject // it has been given the methods
}

export function hostedService(configOf: Configure): HostedService {
  class WorkflowService extends WorkerEntrypoint<Env> {
    readonly #service: Service

    constructor(ctx: ExecutionContext, env: Env) {
      super(ctx, env)
      this.#service = new Service(configOf(env))
    }

    static {
      passOn(WorkflowService.prototype, Service.prototype, (host) => host.#service)
    }
  }
  return WorkflowService as unknown as HostedService // as above
}

/** RPC reaches methods of a prototype, and nothing else. */
function passOn<Host extends object, Plain extends object>(
  prototype: Host,
  plain: Plain,
  plainOf: (host: Host) => Plain,
): void {
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(plain))) {
    if (name === 'constructor' || typeof method !== 'function') continue
    const value = function (this: Host, ...args: unknown[]): unknown {
      return Reflect.apply(method, plainOf(this), args)
    }
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
  }
}
