/** A program of a package that is installed here: it takes what its help names. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { parseCLI } from 'vitest/node'

const BIN = 'node_modules/.bin'

/** `own` are the words that a script of package.json has, which is run as it is. */
export function wrongTool(name: string, own: readonly string[], more: readonly string[]): string[] {
  if (!existsSync(join(BIN, name))) return [`no package here has the command ${name}`]
  if (name === 'vitest') return wrongVitest([name, ...more])
  if (name === 'wrangler') return wrongWrangler([...own, ...more])
  const flags = flagsOf(more)
  if (flags.length === 0) return []
  const help = helpOf(name, [...own, ...more].filter((word) => /^[a-z]+$/.test(word)).slice(0, 1))
  return flags.filter((flag) => !names(help, flag)).map((flag) => `${name} has no ${flag}`)
}

function wrongVitest(words: string[]): string[] {
  const { options, filter } = parseCLI(words)
  const unknown = Object.keys(options).filter(
    (key) => !VITEST.includes(key) && key !== '--' && key !== 'color',
  )
  const missing = filter.filter((path) => !existsSync(path))
  return [...unknown.map((key) => `vitest has no ${key}`), ...missing.map((path) => `${path} does not exist`)]
}

/** Those that documents use: its parser takes any. */
const VITEST = ['run', 'project', 'update', 'u']

function wrongWrangler(words: readonly string[]): string[] {
  const places = words.slice(0, words.findIndex((word) => word.startsWith('-')) >>> 0)
  const help = helpOf('wrangler', places)
  const [title = ''] = help.split('\n').filter((line) => line.trim() !== '')
  const named = title.split(' ').slice(1)
  const fits = places.every((word, at) => /^[<[]/.test(named[at] ?? '') || named[at] === word)
  if (!title.startsWith('wrangler') || !fits) return [`wrangler ${places.join(' ')}: ${title}`]
  return flagsOf(words)
    .filter((flag) => !names(help, flag))
    .map((flag) => `wrangler ${places.join(' ')} has no ${flag}`)
}

function flagsOf(words: readonly string[]): string[] {
  return words.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.replace(/=.*/, ''))
}

function names(help: string, flag: string): boolean {
  return help.split(/[\s,=]+/).includes(flag)
}

const helps = new Map<string, string>()

function helpOf(name: string, words: readonly string[]): string {
  const key = [name, ...words].join(' ')
  const known = helps.get(key)
  if (known !== undefined) return known
  const { stdout, stderr } = spawnSync(process.execPath, [join(BIN, name), ...words, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false' },
  })
  const help = stripVTControlCharacters(stdout + stderr)
  helps.set(key, help)
  return help
}
