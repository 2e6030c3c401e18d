import { lineOf, type Finding, type Source } from './sources.ts'

const ceiling = 300

export function tooLong({ path, text }: Source): Finding[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > ceiling ? [{ path, line: lines, rule: `at most ${ceiling} lines: split by subject` }] : []
}

export function exportStars({ path, text, program }: Source): Finding[] {
  return program.body
    .filter(({ type }) => type === 'ExportAllDeclaration')
    .map(({ start }) => ({ path, line: lineOf(text, start), rule: 'no export *: name what is exported' }))
}
