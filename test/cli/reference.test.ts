/**
 * docs/guide/cli.md: its reference is what the parser itself says, and its examples are run. After a change of a command
 * `npm run docs:cli` writes the reference anew.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdownTable } from 'markdown-table'
import { expect, test } from 'vitest'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { programOf } from '../../cli/program.ts'
import { processWorld } from '../../cli/world.ts'
import { releaseStock, reserveStock, ship } from '../../cli/template/activities.ts'
import { workflows } from '../../cli/template/workflows.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import { perdure } from './command.ts'

const GUIDE = join(import.meta.dirname, '../../docs/guide/cli.md')
const [BEGIN, END] = ['<!-- reference: made by npm run docs:cli -->', '<!-- reference ends -->']
const text = readFileSync(GUIDE, 'utf8')

test('the reference is what the parser says', async () => {
  const [before = '', rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  const made = `${before}${BEGIN}\n\n${referenceOf(programOf(processWorld()).root)}\n\n${END}${after}`
  await expect(made).toMatchFileSnapshot(GUIDE)
})

test('every example does what it is there for', async () => {
  const { client, ...env } = await createTestEnvironment({
    workflows,
    activities: [reserveStock, releaseStock, ship],
  })
  const lines = [...text.matchAll(/^(?:cat .* \| )?perdure .*$/gm)].map(([line]) => line)
  expect(lines.length).toBeGreaterThan(10)
  for (const line of lines) {
    const { code, err } = await perdure({ client, stdin: ORDER }, ...argumentsOf(line))
    expect({ line, code, err: code === 0 ? '' : err }).toEqual({ line, code: 0, err: '' })
    await env.settle()
  }
  await env.dispose()
})

const ORDER = JSON.stringify({ sku: 'lamp', quantity: 2, address: '1 Main Street' })

/** As a shell takes a line apart: quotes hold words together. */
function argumentsOf(line: string): string[] {
  const [command = ''] = line.split(' | ').toReversed()
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].slice(1).map(([, quoted, plain]) => quoted ?? plain ?? '')
}

function referenceOf(root: CommandUnknownOpts): string {
  return [
    sectionOf(root, 'Every command'),
    ...root.commands.flatMap((command) => below(command, 'perdure')),
  ].join('\n\n')
}

/** A command, or those that it is made of. */
function below(command: CommandUnknownOpts, path: string): string[] {
  const name = `${path} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((one) => below(one, name))
  return [sectionOf(command, `\`${[name, ...command.registeredArguments.map(shown)].join(' ')}\``)]
}

function sectionOf(command: CommandUnknownOpts, title: string): string {
  const help = command.createHelp()
  const rows = [
    ...command.registeredArguments
      .filter(({ description }) => description)
      .map((argument) => [`\`${argument.name()}\``, withChoices(argument.description, argument.argChoices)]),
    ...command.options.map((option) => [`\`${option.flags}\``, help.optionDescription(option)]),
  ]
  const table = rows.length === 0 ? [] : [markdownTable([['argument or option', 'is'], ...rows.map(cells)])]
  return [`### ${title}`, sentence(command.description()), ...table].join('\n\n')
}

function shown(argument: CommandUnknownOpts['registeredArguments'][number]): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices
    ? `${description} (choices: ${choices.map((choice) => `"${choice}"`).join(', ')})`
    : description
}

function cells(row: readonly string[]): string[] {
  return row.map((cell) => cell.replaceAll('|', '\\|'))
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`
}
