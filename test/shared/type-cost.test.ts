/** What the compiler does for users' code, counted: inference by name must not grow with what is registered. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

interface Checked {
  /** What it complains of. */
  output: string
  /** Of generic types: most of what checking takes, and the same on every machine. */
  instantiations: number
}

/** Types are checked as in the project; `code` is a file of its own, the others are files of the project. */
async function checked(files: readonly string[], code?: string): Promise<Checked> {
  const parent = join(ROOT, 'node_modules/.cache')
  mkdirSync(parent, { recursive: true })
  const directory = mkdtempSync(join(parent, 'types-')) // within the project, whose packages it finds
  try {
    if (code !== undefined) writeFileSync(join(directory, 'code.ts'), code)
    const listed = [...files.map((file) => join(ROOT, file)), ...(code === undefined ? [] : ['code.ts'])]
    const config = { extends: join(ROOT, 'tsconfig.workers.json'), files: listed, include: [], exclude: [] }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    const tsc = [join(ROOT, 'node_modules/.bin/tsc'), '-p', directory, '--extendedDiagnostics']
    const { stdout } = await run(process.execPath, tsc).catch((failed: { stdout: string }) => failed)
    const output = stdout.slice(0, stdout.search(/^Files: /mu)) // the diagnostics follow
    return { output, instantiations: Number(/^Instantiations: +([0-9]+)$/mu.exec(stdout)?.[1]) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const ENTRY = '../../../shared/index.ts'

/** So many activities, each with types of its own, registered strictly and called by name and by definition. */
function registryOf(count: number): string {
  const each = (line: (n: number) => string, separator = '\n') =>
    Array.from({ length: count }, (_, n) => line(n)).join(separator)
  return `
import { defineActivity, workflow } from '${ENTRY}'
const activities = {
${each((n) => `  act${n}: defineActivity('act-${n}', async (input: { n${n}: number }) => ({ out${n}: String(input.n${n}) })),`)}
}
declare module '${ENTRY}' {
  interface Register { activities: typeof activities; strict: true }
}
export const all = workflow('all', async (ctx) => {
${each((n) => `  const v${n}: { out${n}: string } = await ctx.activity('act-${n}', { input: { n${n}: ${n} } })`)}
${each((n) => `  const d${n}: { out${n}: string } = await ctx.activity(activities.act${n}, { input: v${n} && { n${n}: 1 } })`)}
  // @ts-expect-error -- the input is another activity's
  await ctx.activity('act-7', { input: { n8: 1 } })
  // @ts-expect-error -- the result is no number
  const wrong: number = await ctx.activity('act-7', { input: { n7: 1 } })
  // @ts-expect-error -- strict: what is not registered has an unknown result
  const length = (await ctx.activity('not-registered')).length
  return [wrong, length, ${each((n) => `d${n}`, ', ')}]
})
`
}

async function instantiationsAmong(count: number): Promise<number> {
  const { output, instantiations } = await checked([], registryOf(count))
  expect(output).toBe('')
  return instantiations
}

test('the example type-checks, for a few instantiations of types', async () => {
  const files = ['examples/docs/order.ts', 'examples/docs/activities.ts', 'examples/docs/client.ts']
  const { output, instantiations } = await checked(files)
  expect(output).toBe('')
  expect(instantiations).toBeGreaterThan(0)
  expect(instantiations).toBeLessThan(100_000)
})

test('a registry of 200 activities type-checks, and an activity costs there what it costs among 50', async () => {
  const few = await instantiationsAmong(50)
  const some = await instantiationsAmong(100)
  const many = await instantiationsAmong(200)
  console.log(`types · ${few} instantiations for 50 activities, ${some} for 100, ${many} for 200`)
  expect((many - some) / 100).toBeLessThan((1.2 * (some - few)) / 50)
})
