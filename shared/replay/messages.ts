/** The messages of a run as its code takes them: signals waited for or handled, queries and updates. */
import { toMs } from '../duration.ts'
import type { Duration } from '../duration.ts'
import type { QueryDefinition, SignalDefinition, UpdateDefinition } from '../message.ts'
import { checkedFunction, checkedName } from '../names.ts'
import { decodePayload } from '../payload.ts'
import type { Coroutine } from './coroutine.ts'
import { Scope } from './scope.ts'
import type { ReceivedSignal } from './signals.ts'
import { receive, waitForSignal } from './waits.ts'

interface WaitOptions {
  timeout?: Duration
}

export function signalWaits(coroutine: Coroutine) {
  return {
    waitForSignal: async (
      signal: SignalDefinition | string,
      options: WaitOptions & { default?: unknown } = {},
    ): Promise<unknown> => {
      const wait = signalWait(signal, options)
      return waitForSignal(receive(coroutine, coroutine.enter('ctx.waitForSignal'), wait), wait.name, options)
    },
    receiveSignal: async (signal: SignalDefinition | string, options: WaitOptions = {}) => {
      const scope = coroutine.enter('ctx.receiveSignal')
      const received = await receive(coroutine, scope, signalWait(signal, options))
      if (!received) return { received: false }
      return { received: true, payload: decodePayload(received.content), receivedAt: new Date(received.at) }
    },
    signals: (signal: SignalDefinition | string): AsyncIterableIterator<unknown> =>
      signalsOf(coroutine, signalWait(signal, {})),
  }
}

export function handlers(coroutine: Coroutine) {
  return {
    setSignalHandler: (signal: SignalDefinition | string, fn: (payload: unknown) => unknown): void => {
      coroutine.guard('ctx.setSignalHandler')
      const { name } = signalWait(signal, {})
      const handler = checkedFunction(fn, `the handler of signal ${name}`)
      coroutine.inbox.handle(name, (received) => void handleSignal(coroutine, handler, received))
    },
    setQueryHandler: (query: QueryDefinition | string, fn: (...args: unknown[]) => unknown): void => {
      const name = messageName(query, 'query')
      coroutine.queries.handle(name, checkedFunction(fn, `the handler of query ${name}`))
    },
    setUpdateHandler: (
      update: UpdateDefinition | string,
      fn: (...args: unknown[]) => unknown,
      options: { validate?: (...args: unknown[]) => unknown } = {},
    ): void => {
      coroutine.guard('ctx.setUpdateHandler')
      const name = messageName(update, 'update')
      const { validate } = options
      if (validate !== undefined) checkedFunction(validate, `the validator of update ${name}`)
      const handler = checkedFunction(fn, `the handler of update ${name}`)
      coroutine.updates.handle(name, { fn: handler, validate })
    },
  }
}

function messageName(message: { name: string } | string, path: string): string {
  return checkedName(typeof message === 'string' ? message : message?.name, path)
}

function signalWait(signal: SignalDefinition | string, options: WaitOptions) {
  return {
    name: messageName(signal, 'signal'),
    timeoutMs: options.timeout === undefined ? undefined : toMs(options.timeout, 'timeout'),
  }
}

function signalsOf(
  coroutine: Coroutine,
  wait: { name: string; timeoutMs: undefined | number },
): AsyncIterableIterator<unknown> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: async () => {
      const received = await receive(coroutine, coroutine.enter('ctx.signals'), wait)
      return { done: false, value: decodePayload(received?.content) } // without a timeout there is always one
    },
  }
}

/** In a scope of its own, which ends with it. */
async function handleSignal(
  coroutine: Coroutine,
  fn: (payload: unknown) => unknown,
  { content }: ReceivedSignal,
): Promise<void> {
  await coroutine.ending.during(async () => {
    const scope = new Scope(coroutine.root)
    try {
      await coroutine.spawn(() => fn(decodePayload(content)), scope)
    } catch (error) {
      coroutine.ending.handlerFailed(error)
    }
    scope.end()
  })
}
