/** Command lines as a shell takes them apart. */
import { parse } from 'shell-quote'

/** Each command of a script, as its words. Variables have a value that shows which they are. */
export function commandsOf(script: string): string[][] {
  const lines = script.replaceAll('\\\n', ' ').replaceAll('<', '').replaceAll('>', '').split('\n')
  return lines.flatMap(commandsIn).filter((words) => words.length > 0)
}

function commandsIn(line: string): string[][] {
  const commands: string[][] = [[]]
  for (const part of parse(line, valueOf)) {
    if (typeof part === 'string') commands.at(-1)?.push(part)
    else if ('pattern' in part) commands.at(-1)?.push(part.pattern)
    else if ('op' in part) commands.push([])
  }
  return commands.map(withoutAssignments)
}

function valueOf(name: string): string {
  return name === 'PERDURE_URL' ? 'http://localhost:8787' : `value-of-${name}`
}

/** `PERDURE_TOKEN=dev npx perdure list` is the command `npx`. */
function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word))
  return first === -1 ? [] : words.slice(first)
}
