/**
 * Every block of every document is held to something real, by its kind: an excerpt to its file, a command to its
 * program's parser, a request to the routes, data to what reads it, a drawing to the names in the source.
 *
 * What is run for real as well: the commands of docs/guide/cli.md (test/cli/reference.test.ts) and of docs/guide/http.md
 * (test/e2e/contract.test.ts), the tutorial and a new project's README (`npm run first-run`).
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { blocksOf } from '../../scripts/first-run/blocks.ts'
import { wrongCommands } from './blocks/commands.ts'
import { wrongJson, wrongSql, wrongToml, wrongYaml } from './blocks/data.ts'
import { wrongText } from './blocks/drawing.ts'
import { isOwnLanguage, wrongExcerpt } from './blocks/excerpt.ts'
import { blocksIn, inlineCommands, pages } from './blocks/pages.ts'
import type { Block } from './blocks/pages.ts'

function wrongIn(block: Block): string[] | Promise<string[]> {
  if (block.file !== undefined || isOwnLanguage(block.language)) return wrongExcerpt(block)
  switch (block.language) {
    case 'sh':
      return wrongCommands(block.text, { page: block.page, inSentence: false })
    case 'text':
      return wrongText(block)
    case 'json':
      return wrongJson(block)
    case 'sql':
      return wrongSql(block)
    case 'toml':
      return wrongToml(block)
    case 'yaml':
      return wrongYaml(block)
    default:
      return [`nobody holds a block of ${block.language || 'no language'}`]
  }
}

describe.each(pages.filter((page) => blocksIn(page).length > 0))('%s', (page) => {
  test.each(blocksIn(page))('what is shown at line $line is real', async (block) => {
    expect(await wrongIn(block)).toEqual([])
  })
})

test.each(pages)('commands that %s names are real', (page) => {
  const wrong = inlineCommands(readFileSync(page, 'utf8')).flatMap((command) =>
    wrongCommands(command, { page, inSentence: true }).map((why) => `${command}: ${why}`),
  )
  expect(wrong).toEqual([])
})

const place = { page: 'README.md', inSentence: false }
const block = (language: string, text: string, file?: string): Block => ({
  page: 'README.md',
  line: 1,
  language,
  file,
  text,
})

describe('a command that its program would not take is found', () => {
  test.each([
    ['a script', 'npm run demmo'],
    ['a flag of a program', 'npm run simulate -- --sedes 200'],
    ['a flag without its value', 'npm run fuzz -- --runs'],
    ['a word that a program does not take', 'npm run contract -- all'],
    ['a flag in front of --', 'npm run bench --quick'],
    ['a workload', 'npm run bench -- --only noop-17'],
    ['a command of perdure', 'npx perdure strat order'],
    ['a flag of perdure', 'perdure list --stauts open'],
    ['a choice of perdure', 'perdure list --status opened'],
    ['an argument', 'perdure signal order-1'],
    ['a value of another kind', 'perdure list --started-after yesterday'],
    ['perdure behind a script', 'npm run deploy -- --dry'],
    ['a command of wrangler', 'npx wrangler secrets put API_TOKEN'],
    ['a flag of wrangler', 'npx wrangler secret put API_TOKEN --configuration x'],
    ['a test file', 'npx vitest run --project node test/none.test.ts'],
    ['a flag of vitest', 'npx vitest run --projekt node'],
    ['a flag of another tool', 'npm run db:generate -- --nam x'],
    ['a package', 'npx prisma migrate'],
    ['a command', 'yarn install'],
    ['the second of two', 'npm ci && npm run demmo'],
    ['the one behind a pipe', 'cat order.json | perdure strat order'],
    ['a route', 'curl -H "Authorization: Bearer x" localhost:8787/api/v1/workflow/a'],
    ['a method', 'curl -H "Authorization: Bearer x" -X DELETE localhost:8787/api/v1/workflows'],
    ['a field', `curl -H 'Authorization: Bearer x' localhost/api/v1/workflows -d '{"type":"a"}'`],
    ['a missing field', `curl -H 'Authorization: Bearer x' localhost/api/v1/workflows -d '{"input":1}'`],
    ['a query', 'curl -H "Authorization: Bearer x" "localhost/api/v1/workflows/a/result?waitms=1"'],
    ['no token', 'curl localhost:8787/api/v1/workflows/a'],
  ])('%s', (_, command) => {
    expect(wrongCommands(command, place)).not.toEqual([])
  })

  test('in a sentence it may stand without what it needs, and no more than that', () => {
    expect(wrongCommands('perdure signal <workflowId>', { ...place, inSentence: true })).toEqual([])
    expect(wrongCommands('perdure signl', { ...place, inSentence: true })).not.toEqual([])
  })
})

describe('a block that is not real is found', () => {
  test.each([
    ['without a language', block('', 'npm ci\n')],
    ['of another language', block('rust', 'fn main() {}\n')],
    ['a drawing of what there is not', block('text', 'scheduler ──▶ activity_finnished\n')],
    ['what the demo does not say', block('text', '  ✓ 66 orders were started      4.5 s\n')],
    [
      'an event',
      block('text', 'event: workflow.signalled\ndata: {"type":"workflow.signalled",...}\nid: 2\n'),
    ],
    ['a problem with another status', block('json', problem({ status: 404 }))],
    ['a problem with another title', block('json', problem({ title: 'Taken' }))],
    ['a key', block('json', '{ "$type": "ref", "key": "payloads/default/<sha256>", "size": 1 }')],
    ['a table', block('sql', "INSERT INTO metadata (key, value) VALUES ('a', 'b');")],
    ['a binding', block('toml', '[[analytics_engine]]\nbinding = "METRICS"\n')],
    ['a field of a binding', block('toml', '[[services]]\nname = "A"\nservice = "b"\n')],
    ['a path of metrics', block('yaml', 'scrape_configs: [{ metrics_path: /metric, params: {} }]')],
    ['a metric', block('yaml', alert('perdure_runs_stuck > 0'))],
    ['a label', block('yaml', alert('sum by (shards) (perdure_runs_blocked) > 0'))],
    ['an expression', block('yaml', alert('sum by namespace perdure_runs_blocked) > 0'))],
  ])('%s', async (_, one) => {
    expect(await wrongIn(one)).not.toEqual([])
  })
})

describe('a block that is no excerpt is found', () => {
  const file = 'examples/docs/order.ts'
  const excerpt = "  const payment = await ctx.waitForSignal('payment', {\n    timeout: '24h',"
  const fenced = (code: string, mark = `<!-- ${file} -->\n`) =>
    blocksOf(`${mark}\`\`\`ts\n${code}\n\`\`\`\n`).map((one) => ({ ...one, page: 'README.md' }))

  test('an excerpt passes, whatever its indentation', () => {
    expect(fenced(excerpt).flatMap(wrongExcerpt)).toEqual([])
    expect(fenced(excerpt.replaceAll(/^ {2}/gm, '')).flatMap(wrongExcerpt)).toEqual([])
    expect(fenced("import { defineActivity, workflow } from 'perdure'").flatMap(wrongExcerpt)).toEqual([])
  })

  test.each([
    ['no file named', fenced(excerpt, '')],
    ['no such file', fenced(excerpt, '<!-- examples/docs/none.ts -->\n')],
    ['another word', fenced(excerpt.replace('24h', '25h'))],
    ['a line left out', fenced("const payment = await ctx.waitForSignal('payment', {\n  default: null,")],
    ['part of a line', fenced("waitForSignal('payment', {")],
    ['another indentation inside', fenced(excerpt.replace('    timeout', '      timeout'))],
    ['nothing', fenced('')],
    ['another language, another word', [block('toml', 'name = "x"\n', 'wrangler.toml')]],
    ['JavaScript', [block('js', `${excerpt}\n`, file)]],
  ])('%s', (_, blocks) => {
    expect(blocks.flatMap(wrongExcerpt)).toHaveLength(1)
  })
})

function problem(changed: object): string {
  const detail = 'no workflow order-7 is known here'
  const given = { type: 'about:blank', title: 'Conflict', status: 409, code: 'workflow_running', detail }
  return JSON.stringify({ ...given, ...changed })
}

function alert(expr: string): string {
  return `groups: [{ rules: [{ alert: A, expr: '${expr}' }] }]`
}
