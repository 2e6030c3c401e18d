/** `npm run soak`, two minutes of it: half an hour is too long for every commit. */
import { expect, test } from 'vitest'
import { node } from './wrangler.ts'

test('`npm run soak`: at half of its capacity latency and memory stay flat, nothing fails, and all rows are archived', async () => {
  const { status, output } = await node(['bench/soak.ts', '--minutes', '2'])
  const { windows, ...figures } = JSON.parse(output.trim().split('\n').at(-1) ?? '')
  console.log(`soak · ${JSON.stringify(figures)}`)
  expect(output).not.toContain('✗')
  expect(status).toBe(0)
  expect(windows).toHaveLength(6)
  expect(figures).toMatchObject({ errors: 0, rowsArchived: figures.rowsIn, wrong: 0 })
  expect(figures.runs).toBeGreaterThan(0)
})
