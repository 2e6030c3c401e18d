/** Command lines of the documents: each program would take its words. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeProject } from '../../../cli/project/init.ts'
import { wrongRequest } from './curl.ts'
import { wrongPerdure } from './perdure.ts'
import { wrongArguments } from './program.ts'
import { commandsOf } from './shell.ts'
import { wrongTool } from './tool.ts'

export interface Place {
  readonly page: string
  /** A command in a sentence may leave out what it needs. */
  readonly inSentence: boolean
}

export function wrongCommands(script: string, place: Place): string[] {
  return commandsOf(script).flatMap((words) => wrongCommand(words, place))
}

function wrongCommand([name = '', ...args]: readonly string[], place: Place): string[] {
  switch (name) {
    case 'npm':
      return wrongNpm(args, place)
    case 'npx':
      return args[0] === 'perdure'
        ? wrongPerdure(args.slice(1), place.inSentence)
        : wrongTool(args[0] ?? '', [], args.slice(1))
    case 'perdure':
      return wrongPerdure(args, place.inSentence)
    case 'wrangler':
      return wrongTool(name, [], args)
    case 'curl':
      return wrongRequest(args)
    case 'cd':
    case 'cat':
      return args.length === 1 ? [] : [`${name} takes one path`]
    default:
      return [`nobody knows the command ${name}`]
  }
}

function wrongNpm([verb = '', ...args]: readonly string[], place: Place): string[] {
  switch (verb) {
    case 'run': {
      const [name = '', separator, ...more] = args
      if (separator !== undefined && separator !== '--')
        return [`npm run ${name}: ${separator} is behind no --`]
      return wrongScript(name, more, place)
    }
    case 'test':
      return wrongScript('test', args.slice(1), place)
    case 'ci':
      return args[0] === '--prefix' && !existsSync(join(args[1] ?? '', 'package-lock.json'))
        ? [`${args[1]} has no package-lock.json`]
        : []
    case 'install':
    case 'audit':
      return []
    default:
      return [`nobody knows npm ${verb}`]
  }
}

function wrongScript(name: string, more: readonly string[], place: Place): string[] {
  const script = scriptsAt(place.page)[name]
  if (script === undefined) return [`there is no script ${name}`]
  const [command = '', ...own] = commandsOf(script).at(-1) ?? []
  if (['npm', 'npx', 'run-p'].includes(command))
    return more.length === 0 ? [] : [`npm run ${name} passes nothing on`]
  if (command === 'perdure') return wrongPerdure([...own, ...more], place.inSentence)
  if (command !== 'node') return wrongTool(command, own, more)
  const [file = '', ...given] = own
  return wrongArguments(file, [...given, ...more], place.inSentence)
}

/** These pages are about a project that `perdure init` has made. */
const OF_A_PROJECT = ['docs/tutorial.md', 'cli/template/README.md']

function scriptsAt(page: string): Partial<Record<string, string>> {
  return OF_A_PROJECT.includes(page) ? scriptsOfProject : scriptsIn('.')
}

const scriptsOfProject = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'perdure-docs-'))
  try {
    writeProject(directory, 'my-app')
    return scriptsIn(directory)
  } finally {
    rmSync(directory, { recursive: true })
  }
})()

function scriptsIn(directory: string): Partial<Record<string, string>> {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')).scripts
}
