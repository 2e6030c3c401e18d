/**
 * `npm run dashboard:measure`: how soon the list can be used, and how it scrolls, over many runs on the local Workers.
 *
 *   npm run dashboard:measure -- --runs 100000
 *
 * Interactive: from the navigation to the first rows, with no long task of the main thread in between that is not over. The
 * last line is JSON; exit 1 when the first load is above 200 KiB or takes a second.
 */
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { deploy } from './deployment.ts'
import type { Deployment } from './deployment.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '100000' } } })
const runs = Number(values.runs)
const BATCH = 500
const AT_ONCE = 4
const LOADS = 5
const MOST = { interactiveMs: 1_000, firstLoadKiB: 200 }

/** The next frame is drawn when the main thread is free. */
const DRAWN_AND_LOADED = `new Promise((answer) => requestAnimationFrame(() => setTimeout(() => {
  const files = performance.getEntriesByType('resource').filter(({ name }) => !name.includes('/api/'))
  const bytes = files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
  answer({ interactiveMs: performance.now(), firstLoadKiB: bytes / 1024 })
})))`

const SCROLLED = `(async () => {
  const table = document.querySelector('[role=table]')
  let [longest, before] = [0, performance.now()]
  for (let frame = 0; frame < 600; frame++) {
    table.scrollBy(0, 220)
    const now = await new Promise(requestAnimationFrame)
    longest = Math.max(longest, now - before)
    before = now
  }
  return longest
})()`

const deployment = await deploy({ demo: false })
const browser = await launchChromium()
try {
  await start(deployment, runs)
  const context = await browser.newContext({
    baseURL: deployment.url,
    viewport: { width: 1360, height: 860 },
  })
  await context.addInitScript((token) => sessionStorage.setItem('perdure.token', token), deployment.token)
  const loads: { interactiveMs: number; firstLoadKiB: number }[] = []
  for (let load = 0; load < LOADS; load++) {
    const page = await context.newPage()
    loads.push(await loaded(page))
    await page.close()
  }
  const scrolled = await scroll(await context.newPage())
  const interactiveMs = Math.round(median(loads.map((load) => load.interactiveMs)))
  const firstLoadKiB = Math.max(...loads.map((load) => load.firstLoadKiB))
  if (interactiveMs >= MOST.interactiveMs || firstLoadKiB >= MOST.firstLoadKiB) process.exitCode = 1
  console.log(
    JSON.stringify({ runs, interactiveMs, firstLoadKiB: Number(firstLoadKiB.toFixed(1)), ...scrolled }),
  )
} finally {
  await browser.close()
  await deployment.stop()
}

/** Runs that wait for their first turn: they lie in the list as any others do. */
async function start(on: Deployment, count: number): Promise<void> {
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) => batch)
  const next = batches.values()
  const starter = async (): Promise<void> => {
    for (const batch of next) {
      const size = Math.min(BATCH, count - batch * BATCH)
      const starts = Array.from({ length: size }, (_, place) => ({
        workflowType: 'processOrder',
        workflowId: `order-${batch * BATCH + place}`,
        startDelay: '1 day',
      }))
      await on.ask('POST /workflows/batch', { starts })
      if (batch % 40 === 0) console.error(`${batch * BATCH + size} of ${count} runs started`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, starter))
}

async function loaded(page: Page): Promise<{ interactiveMs: number; firstLoadKiB: number }> {
  await page.goto('/runs', { waitUntil: 'commit' })
  await page.getByRole('cell').first().waitFor()
  return await page.evaluate(DRAWN_AND_LOADED)
}

/** Through the list as fast as its rows come: the longest time in which nothing was drawn. */
async function scroll(page: Page): Promise<{ scrolledRows: number; longestFrameMs: number }> {
  await page.goto('/runs')
  await page.getByRole('cell').first().waitFor()
  const longestFrameMs = await page.evaluate<number>(SCROLLED)
  const rows = await page.getByRole('row').last().getAttribute('aria-rowindex')
  return { scrolledRows: Number(rows), longestFrameMs: Math.round(longestFrameMs) }
}

function median(of: readonly number[]): number {
  return of.toSorted((one, other) => one - other)[Math.floor(of.length / 2)] ?? 0
}
