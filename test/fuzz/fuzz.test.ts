/** A small run of all targets, with the same inputs every time; `npm run fuzz` makes large ones with others. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const script = join(import.meta.dirname, '../../scripts/fuzz.ts')

test('no decoder falls over 12,000 inputs', { timeout: 120_000 }, async () => {
  const run = promisify(execFile)(process.execPath, [script, '--runs', '12000', '--seed', '7'])
  // A run that found something ends with 1: what it says of it is what the test has to show.
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  const lines = stdout.trim().split('\n')
  expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([])
  const { failures, inputs, accepted, refused } = JSON.parse(lines.at(-1)!) as Record<string, number>
  expect(failures).toBe(0)
  expect(inputs).toBeGreaterThan(11_000)
  expect(Math.min(accepted!, refused!)).toBeGreaterThan(1_000)
})
