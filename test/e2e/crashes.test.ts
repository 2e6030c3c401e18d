/** `npm run crashes`, small: what it does with 1,000 runs and ten kills is too long for every commit. */
import { expect, test } from 'vitest'
import { node } from './wrangler.ts'

test('`npm run crashes`: two kills of the whole runtime, and no run, signal, effect or change event is lost', async () => {
  const { status, output } = await node(['scripts/crashes.ts', '--kills', '2', '--runs', '100'])
  expect(output).not.toContain('✗')
  if (status !== 0) throw new Error(output)
  const figures = JSON.parse(output.trim().split('\n').at(-1) ?? '')
  console.log(`crashes · ${JSON.stringify(figures)}`)
  expect(figures).toMatchObject({ kills: 2, runs: 100, children: 60, effects: 480, archived: 160, wrong: 0 })
  expect(figures.signals).toBe(360)
  expect(figures.changeEvents).toBe(figures.events)
})
