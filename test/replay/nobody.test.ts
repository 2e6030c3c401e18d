/** What is left of a run that has ended: the platform keeps what its code was entered with for a while. */
import { expect, test } from 'vitest'
import { installDeterminism } from '../../shared/replay/determinism.ts'
import type { Frame } from '../../shared/replay/frame.ts'
import { Nobody } from '../../shared/replay/nobody.ts'
import { asyncContext, begun, noon } from './driver.ts'
import type { Ctx } from './driver.ts'

/** A run that has ended, whose code did not wait for all that it began. */
async function ended(left: (ctx: Ctx) => unknown) {
  const { promise, resolve } = Promise.withResolvers<void>()
  let frame: Frame | undefined
  let late: Promise<unknown> = Promise.resolve()
  const run = await begun(async (ctx: Ctx) => {
    frame = asyncContext.current()
    late = promise.then(() => left(ctx))
  })
  const nobody = new Nobody(run.coroutine.world)
  nobody.standInFor(run.coroutine)
  const goOn = (): Promise<unknown> => {
    resolve()
    return late
  }
  return { run, nobody, frame, goOn }
}

test('no frame of its code leads to it', async () => {
  const { run, nobody, frame } = await ended(() => {})
  expect(run.types.at(-1)).toBe('workflow_completed')
  expect(frame).toEqual({ mode: 'workflow', whose: { coroutine: nobody }, scope: null })
})

test('its code is refused what it still asks for, and so is that of the next', async () => {
  const target = { Date, fetch: () => 'fetched' }
  installDeterminism(target, asyncContext)
  const first = await ended(() => target.fetch())
  await expect(first.goOn()).rejects.toThrow('fetch in workflow code')
  expect(first.nobody.violation).toBe(null)
  const second = await ended((ctx) => ctx.sleep('1s'))
  await expect(second.goOn()).rejects.toThrow('ctx.sleep while nothing was fed')
})

test('its code sees the time at which a run last ended', async () => {
  const target = { Date }
  installDeterminism(target, asyncContext)
  const { nobody, goOn } = await ended(() => target.Date.now())
  const later = await begun(async (ctx: Ctx) => await ctx.sleep('1s'))
  await later.fire(1)
  nobody.standInFor(later.coroutine)
  expect(await goOn()).toBe(noon + 1_000)
})
