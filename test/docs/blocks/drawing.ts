/** Blocks of plain text: drawings of what there is, and what a program says. */
import { globSync, readFileSync } from 'node:fs'
import type { Block } from './pages.ts'

export function wrongText({ text }: Block): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.every((line) => line.startsWith('  ✓ '))) return lines.flatMap(wrongDone)
  if (text.startsWith('event: ')) return wrongEvent(text)
  return wordsOf(text)
    .filter((word) => !(isName(word) ? names : words).has(word))
    .map((word) => `${word} is nowhere in the source`)
}

const sources = read('{shared,scheduler-do,activity-worker,archiver,examples/orders}/**/*.{ts,toml}')
const names = new Set(sources.flatMap(wordsOf))
/** Those of the sentences as well. */
const words = new Set([...names, ...read('{README.md,docs/**/*.md}').map(withoutDrawings).flatMap(wordsOf)])

function isName(word: string): boolean {
  return /_|[a-z][A-Z]/.test(word)
}

function wordsOf(text: string): string[] {
  const found: string[] = text.match(/[A-Za-z_]{4,}/g) ?? []
  return found.map((word) => (isName(word) ? word : word.toLowerCase()))
}

function withoutDrawings(document: string): string {
  return document.replaceAll(/^ *```text\n[^]*?^ *```$/gm, '')
}

function read(pattern: string): string[] {
  return globSync(pattern).map((file) => readFileSync(file, 'utf8'))
}

/** What `npm run demo` says at the end of a phase. */
function wrongDone(line: string): string[] {
  const [, said = ''] = /^ {2}✓ (.*?) +\d+\.\d s$/.exec(line) ?? []
  return phases.some((phase) => phase.test(said)) ? [] : [`the demo does not say: ${line}`]
}

const phases = ['demo.ts', 'node/day.ts']
  .map((file) => readFileSync(`examples/orders/${file}`, 'utf8'))
  .flatMap((source) => [...source.matchAll(/\.done\(\s*`((?:\$\{[^`]*?\}|[^`$])*)`/g)])
  .map(([, template = '']) => new RegExp(`^${template.replaceAll(/\$\{[^}]*\}/g, '.+?')}$`))

/** An event of the stream, shortened by dots. */
function wrongEvent(text: string): string[] {
  const [, event = '', data = ''] = /^event: (\S+)\ndata: (\{.*\})\nid: \d+\n$/.exec(text) ?? []
  const { type } = JSON.parse(data.replace(/,?\.\.\./, '') || '{}') as { type?: string }
  if (type !== event) return [`the event ${event} has the type ${type}`]
  const isKnown = sources.some((source) => source.includes(`'${event.replace('workflow.', '')}'`))
  return isKnown ? [] : [`there is no event ${event}`]
}
