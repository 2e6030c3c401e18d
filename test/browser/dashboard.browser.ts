/** What people do with the dashboard, done by a browser on the Workers of `npm run dev`. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'
import { deploy } from './deployment.ts'
import type { Deployment } from './deployment.ts'

/** Where pictures of the pages go; those of the guide are made with `DASHBOARD_PICTURES=docs/dashboard`. */
const pictures = resolve(process.env['DASHBOARD_PICTURES'] ?? '.wrangler/dashboard')
/** What credit notes of the demo have brought back to the shelves. */
const lines = [
  { sku: 'D', quantity: 1, unitPrice: 27.5 },
  { sku: '35004C', quantity: 1, unitPrice: 4.65 },
]

let deployment: Deployment
let browser: Browser
let page: Page
/** What the pages complained of. */
const complaints: string[] = []

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  ;[browser, deployment] = await Promise.all([launchChromium(), deploy({ demo: true })])
  const context = await browser.newContext({
    baseURL: deployment.url,
    viewport: { width: 1360, height: 860 },
  })
  page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
})

afterAll(async () => {
  await browser?.close()
  await deployment?.stop()
})

/** Of the demo's day: one without children, and one with. */
const orders = { whole: '', parted: '' }

beforeAll(async () => {
  const schedule = {
    scheduleId: 'every-hour',
    spec: { every: '1h' },
    workflowType: 'processOrder',
    paused: true,
  }
  await deployment.ask('POST /schedules', schedule)
  const [child] = await runsOf('reserveLines')
  orders.parted = child?.replace(/-part-\d+$/, '') ?? ''
  orders.whole = (await runsOf('processOrder')).find((id) => id !== orders.parted) ?? ''
})

describe('somebody with a token', () => {
  test('is asked for it, and types it in once', async () => {
    await page.goto('/runs')
    await page.getByRole('link', { name: 'Enter a token' }).click()
    await page.getByLabel('Token').fill(deployment.token)
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('row').nth(5).waitFor()
    complaints.length = 0 // a request without a token is refused, which the browser notes
  })

  test('finds a run by how its id begins', async () => {
    await startOrder('browser/order 1%', lines)
    await page.getByLabel('Workflow id begins with').fill('browser/')
    await page.getByRole('link', { name: 'browser/order 1%' }).click()
    await page.getByRole('heading', { name: 'browser/order 1%' }).waitFor()
  })

  test('reads its timeline, and what it waits for', async () => {
    await page.getByRole('region', { name: 'Waiting for' }).getByText('payment', { exact: true }).waitFor()
    const calls = page.getByRole('region', { name: 'Timeline' }).getByRole('listitem')
    expect(await calls.first().textContent()).toContain('reserveInventory')
    await page
      .getByText(/scheduler\.js:\d+/)
      .first()
      .waitFor() // the line of the call
    await picture('run-waiting')
  })

  test('sends it a signal, and sees it complete without asking again', async () => {
    await page.getByRole('button', { name: 'Signal' }).click()
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('payment')
    await page.getByLabel('Payload').fill('{"amount": 1, "method": "card"}')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('main').getByText('Completed', { exact: true }).waitFor()
    await page.getByRole('region', { name: 'Result' }).getByText('trackingNumber').waitFor()
  })

  test('looks into its events, and compares two', async () => {
    await page.getByRole('tab', { name: 'Events' }).click()
    await page.getByRole('link', { name: 'Signal received payment' }).click()
    await page
      .getByRole('region', { name: /^Event \d+/ })
      .getByText('"card"')
      .waitFor()
    await page
      .getByRole('link', { name: /Activity completed reserveInventory/ })
      .first()
      .click()
    await page.getByLabel('Compare with').selectOption({ index: 1 })
    await page.getByLabel('Difference', { exact: true }).waitFor()
    await picture('events')
  })

  test('resets it to an event before the signal, and follows the run that takes over', async () => {
    await page.getByLabel('Find events').fill('timer started')
    await page.getByRole('link', { name: /Timer started/ }).click()
    await page.getByRole('button', { name: 'Reset to here' }).click()
    await page.getByLabel('Reason').fill('paid by mistake')
    await page.getByRole('button', { name: 'Reset the run' }).click()
    await page.getByRole('status').getByText('firstRunId').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.goto(`/run?workflowId=${encodeURIComponent('browser/order 1%')}&tab=events`)
    await page.getByText('Workflow reset').first().waitFor()
  })

  test('asks its code, which answers', async () => {
    await act('Query…')
    await page.getByLabel('Name', { exact: true }).fill('status')
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByRole('status').getByText('closed').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
  })

  test('replays it against the code that is deployed, which fits', async () => {
    await act('Replay…')
    await page.getByRole('button', { name: 'Replay' }).click()
    const outcome = page.getByRole('status')
    await outcome.getByText('Fits').waitFor()
    expect(await outcome.textContent()).toMatch(/asks for what the \d+ events recorded/)
    await page.getByRole('button', { name: 'Close' }).click()
  })

  test('pauses another one, and lets it go on', async () => {
    await startOrder('browser/order 2', [])
    await page.goto(`/run?workflowId=${encodeURIComponent('browser/order 2')}`)
    await act('Replay…')
    await page.getByRole('button', { name: 'Replay' }).click()
    await page
      .getByRole('status')
      .getByText(/scheduler\.js:\d+/)
      .first()
      .waitFor() // where it waits
    await page.getByRole('button', { name: 'Close' }).click()
    await act('Pause…')
    await page.getByRole('button', { name: 'Pause the run' }).click()
    await page.getByRole('main').getByText('Paused', { exact: true }).waitFor()
    await act('Resume')
    await page.getByRole('main').getByText('Running', { exact: true }).waitFor()
  })

  test('cancels it', async () => {
    await act('Cancel…')
    await page.getByLabel('Reason').fill('no longer wanted')
    await page.getByRole('button', { name: 'Cancel the run' }).click()
    await page.getByRole('main').getByText('Cancelled', { exact: true }).waitFor()
    await page.getByRole('region', { name: 'Error' }).getByText('no longer wanted').first().waitFor()
  })
})

describe('the archive', () => {
  test('has snapshots and files, and runs that are read from it as others are', async () => {
    await page.getByRole('link', { name: 'Archive' }).click()
    const snapshots = page.getByRole('region', { name: /^Snapshots/ })
    await snapshots.getByText('current').waitFor()
    expect(
      await page
        .getByRole('region', { name: /^Files/ })
        .getByRole('row')
        .count(),
    ).toBeGreaterThan(1)
    await page.goto('/runs?tiers=cold&status=completed')
    await page.getByRole('row').nth(3).getByRole('link').click()
    await page.getByRole('region', { name: 'Timeline' }).getByRole('listitem').first().waitFor()
  })
})

describe('SQL over the archive', () => {
  const statement = `SELECT workflow_id, status, tier, history_length, started_at
FROM all_executions WHERE workflow_type = 'processOrder' ORDER BY started_at, run_id`

  test('is typed in and run, and its rows are read', async () => {
    await page.getByRole('link', { name: 'Archive' }).click()
    const box = page.getByRole('region', { name: 'SQL' })
    await box.getByRole('textbox').fill(statement)
    await box.getByRole('textbox').press('Control+Enter')
    await box
      .getByRole('status')
      .getByText(/^\d+ rows · /)
      .waitFor()
    const [first] = await runsOf('processOrder', '&orderBy=startedAt')
    const row = box.getByRole('row').nth(1)
    expect(await row.getByRole('cell').first().textContent()).toBe(first)
    expect(await row.getByRole('cell').nth(4).textContent()).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d/)
    await box.scrollIntoViewIfNeeded()
    await picture('sql')
    await expectNothingSerious()
  })

  test('is refused with its code where it is no query', async () => {
    const box = page.getByRole('region', { name: 'SQL' })
    await box.getByRole('textbox').fill('DROP TABLE hot_executions')
    await box.getByRole('button', { name: 'Run', exact: true }).click()
    await box.getByRole('alert').getByText('sql_failed').waitFor()
    await box.getByRole('alert').getByText('DROP is no query').waitFor()
    expect(await box.getByRole('table').count()).toBe(0)
    complaints.length = 0 // of the refusal, which the browser notes
  })
})

/** An address of each page, and what is there when it has been loaded. */
const PAGES: readonly { name: string; path: string; shows: string }[] = [
  { name: 'overview', path: '/', shows: 'Runs by tier' },
  { name: 'runs', path: '/runs', shows: 'in all' },
  { name: 'run', path: '/run?workflowId=:order', shows: 'Zoom in' },
  { name: 'relations', path: '/run?workflowId=:parent&tab=relations', shows: 'reserveLines' },
  { name: 'schedules', path: '/schedules', shows: 'every-hour' },
  { name: 'task-queues', path: '/task-queues', shows: 'shipping' },
  { name: 'archive', path: '/archive', shows: 'Snapshots' },
  { name: 'settings', path: '/settings', shows: 'Connection' },
]

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  beforeAll(async () => {
    await page.emulateMedia({ colorScheme })
  })

  test.each(PAGES)('$name has nothing that axe finds serious', async ({ name, path, shows }) => {
    await page.goto(path.replace(':order', orders.whole).replace(':parent', orders.parted))
    await page.getByText(shows).or(page.getByLabel(shows)).first().waitFor()
    await picture(`${name}-${colorScheme}`)
    await expectNothingSerious()
  })
})

test('no page complained, of its policy neither', () => {
  expect(complaints).toEqual([])
})

async function expectNothingSerious(): Promise<void> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
}

async function startOrder(workflowId: string, ordered: typeof lines): Promise<void> {
  const input = { id: workflowId, lines: ordered, shipping: { customer: '17850', country: 'France' } }
  await deployment.ask('POST /workflows', { workflowType: 'processOrder', workflowId, input })
}

/** By an item of the run's menu. */
async function act(item: string): Promise<void> {
  await page.getByRole('button', { name: 'Actions' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** When nothing lies over the page that goes by itself. */
async function picture(name: string): Promise<void> {
  await page.locator('.toast').first().waitFor({ state: 'hidden' })
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
}

async function runsOf(workflowType: string, more = ''): Promise<string[]> {
  const { items } = await deployment.ask<{ items: { workflowId: string }[] }>(
    `GET /workflows?workflowType=${workflowType}${more}`,
  )
  return items.map(({ workflowId }) => workflowId)
}
