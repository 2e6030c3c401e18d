/** The fenced blocks of a document. */
export interface Block {
  readonly line: number
  readonly language: string
  /** What the comment above names: `<!-- examples/docs/order.ts -->`. */
  readonly file: string | undefined
  readonly text: string
}

export function blocksOf(document: string): Block[] {
  const fences = /(?:<!-- (?<file>\S+) -->\n\n?)?^ *```(?<language>\w*).*\n(?<text>[^]*?)^ *```$/gm
  return [...document.matchAll(fences)].map(({ groups = {}, index, 0: whole }) => ({
    line: document.slice(0, index + whole.indexOf('```')).split('\n').length,
    language: groups['language'] ?? '',
    file: groups['file'],
    text: groups['text'] ?? '',
  }))
}

/** The lines of its blocks of commands. */
export function commandLines(document: string): string[] {
  return blocksOf(document)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.trim().split('\n'))
}
