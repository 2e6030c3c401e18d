/**
 * `npm run bench:publish -- FILE`: the figures of README.md and docs/performance.md, and the chart, become those of the
 * run that `npm run bench -- --json FILE` wrote. A second file is one that `npm run bench:outside -- --json` wrote; what it
 * says of the other engines is shown instead of what the run says.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { readDocument } from './document.ts'
import { outsideShape } from './outside/document.ts'
import { published } from './publish/files.ts'

const ROOT = join(import.meta.dirname, '..')
const { positionals } = parseArgs({ allowPositionals: true })
const [file, outsideFile] = positionals
if (file === undefined) throw new Error('which run? npm run bench:publish -- FILE')

const document = readDocument(file)
if (document.shards !== 1)
  throw new Error(`${file} is of ${document.shards} shards, and what is shown is of one`)
if (outsideFile !== undefined)
  document.outside = outsideShape.parse(JSON.parse(readFileSync(outsideFile, 'utf8')))
for (const [path, text] of await published(document, (page) => readFileSync(join(ROOT, page), 'utf8'))) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text)
  console.log(path)
}
