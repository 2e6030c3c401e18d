/** Blocks of plain text: drawings of what there is, and what a program says. */
import { globSync, readFileSync } from 'node:fs'
import type { Block } from './pages.ts'

export function wrongText({ text }: Block): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.every((line) => line.startsWith('  ✓ '))) return lines.flatMap(wrongDone)
  if (text.startsWith('event: ')) return wrongEvent(text)
  return [...text.matchAll(/[A-Za-z_]{4,}/g)]
    .map(([word]) => word)
    .filter((word) => !known.has(word.toLowerCase()))
    .map((word) => `${word} is nowhere in the source`)
}

const sources = globSync(
  '{shared,scheduler-do,activity-worker,archiver,examples/orders,docs/design}/**/*.{ts,toml,md}',
).map((file) => readFileSync(file, 'utf8'))

/** Every name and every word of the source and of what is said about it in sentences. */
const known = new Set(
  sources.flatMap((source) => prose(source).match(/[A-Za-z_]{4,}/g) ?? []).map((word) => word.toLowerCase()),
)

function prose(source: string): string {
  return source.replaceAll(/^ *```text\n[^]*?^ *```$/gm, '')
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
