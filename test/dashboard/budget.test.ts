/** What a browser loads before it shows a page: held small, since it is loaded by whoever looks for the first time. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

const BUDGET_KIB = 200
const built = 'dashboard/dist'

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly dynamicImports?: readonly string[]
}

const manifest = chunks()
const entry = manifest['index.html']!
const pages = entry.dynamicImports!

describe('the first load', () => {
  test('is of a page that is there', () => expect(pages.length).toBeGreaterThan(3))

  test.each(pages)(`of %s is below ${BUDGET_KIB} KiB gzip`, (page) => {
    const files = new Set(['index.html', 'favicon.svg', ...filesOf('index.html'), ...filesOf(page)])
    const kib = [...files].reduce((sum, file) => sum + gzipBytes(file), 0) / 1024
    console.log(`dashboard · ${page} ${kib.toFixed(1)} KiB gzip in ${files.size} files`)
    expect(kib).toBeLessThan(BUDGET_KIB)
  })
})

test('the licences of what it is made of go with it', () => {
  const licences = readFileSync(join(built, 'licenses.md'), 'utf8')
  for (const name of ['react', 'react-dom', '@base-ui/react', '@tanstack/react-query'])
    expect(licences).toContain(`## ${name} - `)
})

/** Of a module and of all that it imports at once. */
function filesOf(name: string, seen = new Set<string>()): string[] {
  if (seen.has(name)) return []
  seen.add(name)
  const { file, css = [], imports = [] } = manifest[name]!
  return [file, ...css, ...imports.flatMap((one) => filesOf(one, seen))]
}

function gzipBytes(file: string): number {
  return gzipSync(readFileSync(join(built, file))).length
}

function chunks(): Record<string, Chunk> {
  const path = join(built, '.vite/manifest.json')
  if (!existsSync(path))
    throw new Error(`${path} is missing: npm run build:dashboard makes it, as npm ci does`)
  return JSON.parse(readFileSync(path, 'utf8'))
}
