/** `npm run first-run` without the registry: the packed tarball, beside the packages that are installed here. */
import { expect, test } from 'vitest'
import { node } from './wrangler.ts'

test('a new project of the packed tarball passes its tests, runs orders on this machine, and the tutorial does what it says', async () => {
  const { status, output } = await node(['scripts/first-run.ts', '--linked'])
  if (status !== 0) throw new Error(output) // says more than the status
  const { runs, wallMs } = JSON.parse(output.trim().split('\n').at(-1) ?? '')
  expect(runs).toBe(3)
  expect(wallMs).toBeLessThan(6 * 60_000)
})
