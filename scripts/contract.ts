/**
 * `npm run contract`: a property tester (schemathesis) reads the OpenAPI document of a scheduler on local workerd, and
 * sends what it says may be sent, and what it says may not. No answer may be a 5xx, or other than the document has it.
 *
 *   npm run contract -- --examples N    requests of each operation, besides those of the document; 200 when absent
 *   npm run contract -- --seconds N     and no longer than this
 *   npm run contract -- --seed N        the same requests again
 *
 * Needs python3 with venv; what it downloads is kept in .wrangler/contract. Then one line of JSON; exit 1 on a failure.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createTestHarness } from 'wrangler'
import { tester } from './contract/tester.ts'

const root = resolve(import.meta.dirname, '..')
const { values: options } = parseArgs({
  options: {
    examples: { type: 'string', default: '200' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
})

const python = tester(root)
if (typeof python === 'string') throw new Error(python)
const server = createTestHarness({
  root: join(root, 'test/e2e/workers'),
  workers: [{ configPath: 'contract.wrangler.toml' }],
})
try {
  const { origin } = (await server.listen()).url
  const { output, ...found } = await python.test(origin, options)
  console.log(output)
  console.log(JSON.stringify(found))
  if (found.failures > 0) process.exitCode = 1
} finally {
  await server.close()
}
