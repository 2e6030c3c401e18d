/** What the compiler takes for users' code: inference by name must not grow with what is registered. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Types are checked as in the project; `code` is a file of its own, the others are files of the project. */
async function checked(files: readonly string[], code?: string): Promise<{ output: string; ms: number }> {
  const parent = join(ROOT, 'node_modules/.cache')
  mkdirSync(parent, { recursive: true })
  const directory = mkdtempSync(join(parent, 'types-')) // within the project, whose packages it finds
  try {
    if (code !== undefined) writeFileSync(join(directory, 'code.ts'), code)
    const listed = [...files.map((file) => join(ROOT, file)), ...(code === undefined ? [] : ['code.ts'])]
    const config = { extends: join(ROOT, 'tsconfig.workers.json'), files: listed, include: [], exclude: [] }
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
    const from = performance.now()
    const { stdout } = await run(process.execPath, [
      join(ROOT, 'node_modules/.bin/tsc'),
      '-p',
      directory,
    ]).catch((failed: { stdout: string }) => failed)
    return { output: stdout, ms: Math.round(performance.now() - from) }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const ENTRY = '../../../shared/index.ts'
const numbers = Array.from({ length: 200 }, (_, n) => n)

/** 200 activities, each with types of its own, registered strictly and called by name and by definition. */
const REGISTRY = `
import { defineActivity, workflow } from '${ENTRY}'
const activities = {
${numbers.map((n) => `  act${n}: defineActivity('act-${n}', async (input: { n${n}: number }) => ({ out${n}: String(input.n${n}) })),`).join('\n')}
}
declare module '${ENTRY}' {
  interface Register { activities: typeof activities; strict: true }
}
export const all = workflow('all', async (ctx) => {
${numbers.map((n) => `  const v${n}: { out${n}: string } = await ctx.activity('act-${n}', { input: { n${n}: ${n} } })`).join('\n')}
${numbers.map((n) => `  const d${n}: { out${n}: string } = await ctx.activity(activities.act${n}, { input: v${n} && { n${n}: 1 } })`).join('\n')}
  // @ts-expect-error -- the input is another activity's
  await ctx.activity('act-7', { input: { n8: 1 } })
  // @ts-expect-error -- the result is no number
  const wrong: number = await ctx.activity('act-7', { input: { n7: 1 } })
  // @ts-expect-error -- strict: what is not registered has an unknown result
  const length = (await ctx.activity('not-registered')).length
  return [wrong, length, ${numbers.map((n) => `d${n}`).join(', ')}]
})
`

/** Ten times what is wanted of an idle machine. */
const MOST_MS = 20_000

test.each([
  [
    'the example',
    ['examples/docs/order.ts', 'examples/docs/activities.ts', 'examples/docs/client.ts'],
    undefined,
  ],
  ['a registry of 200 activities', [], REGISTRY],
] as const)(
  '%s type-checks, in good time',
  async (what, files, code) => {
    const { output, ms } = await checked(files, code)
    console.log(`types · ${what} ${ms} ms`)
    expect(output).toBe('')
    expect(ms).toBeLessThan(MOST_MS)
  },
  60_000,
)
