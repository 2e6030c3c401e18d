/** A Node that is older than what the command is made of. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
const oldest = engines.node.replace('>=', '')

function onNode(version: string) {
  const versions = `{ value: { ...process.versions, node: '${version}' } }`
  const disguise = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`
  return spawnSync(process.execPath, ['--import', disguise, 'cli/index.ts', '--version'], {
    encoding: 'utf8',
  })
}

test('is told which one it needs', () => {
  const { status, stderr } = onNode('20.20.2')
  expect([status, stderr]).toEqual([2, `perdure needs Node ${oldest} or later, and this is 20.20.2\n`])
})

test.each([`${oldest}.0`, '23.0.0'])('%s does', (version) => {
  expect(onNode(version)).toMatchObject({ status: 0, stderr: '' })
})
