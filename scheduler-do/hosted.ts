/** The classes that the platform makes instances of. Their methods are those of the plain classes, passed on. */
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers'
import { realTime } from '../shared/time.ts'
import { deferAlarm } from './alarm.ts'
import type { Env, SchedulerConfig } from './config.ts'
import { SchedulerObject } from './scheduler.ts'
import { Service } from './service.ts'

type Configure = (env: Env) => SchedulerConfig

export type HostedObject = new (ctx: DurableObjectState, env: Env) => DurableObject<Env> & SchedulerObject
export type HostedService = new (ctx: ExecutionContext, env: Env) => WorkerEntrypoint<Env> & Service

export function hostedObject(configOf: Configure): HostedObject {
  class Scheduler extends DurableObject<Env> {
    #object: SchedulerObject | undefined
    /** What its environment lacks. */
    #unfit: unknown

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env)
      try {
        this.#object = new SchedulerObject(ctx, configOf(env))
      } catch (error) {
        this.#unfit = error // thrown out of here, it would be thrown at the alarm too
      }
    }

    override async alarm(): Promise<void> {
      if (this.#object) await this.#object.alarm()
      else await deferAlarm(this.ctx.storage, realTime.now(), this.#unfit)
    }

    static {
      passOn(Scheduler.prototype, SchedulerObject.prototype, (host) => {
        if (host.#object) return host.#object
        throw host.#unfit
      })
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

/** RPC reaches methods of a prototype, and nothing else. What the host does itself it keeps. */
function passOn<Host extends object, Plain extends object>(
  prototype: Host,
  plain: Plain,
  plainOf: (host: Host) => Plain,
): void {
  for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(plain))) {
    if (Object.hasOwn(prototype, name) || typeof method !== 'function') continue
    const value = function (this: Host, ...args: unknown[]): unknown {
      return Reflect.apply(method, plainOf(this), args)
    }
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true })
  }
}
