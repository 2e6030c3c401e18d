/** A program of ours, `node FILE ...`: it takes what its own `parseArgs` takes. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ParseArgsOptionDescriptor } from 'node:util'
import { parseSync } from 'oxc-parser'
import type { ObjectExpression, ObjectProperty } from 'oxc-parser'
import { walk } from 'oxc-walker'
import { readOptions } from '../../../bench/options.ts'
import { wrongPerdure } from './perdure.ts'

export function wrongArguments(file: string, args: readonly string[], inSentence: boolean): string[] {
  if (file === 'cli/index.ts') return wrongPerdure(args, inSentence)
  try {
    if (file === 'bench/run.ts') readOptions(args)
    else readAs(file, args)
    return []
  } catch (error) {
    return [`${file}: ${error instanceof Error ? error.message : String(error)}`]
  }
}

function readAs(file: string, args: readonly string[]): void {
  const source = readFileSync(file, 'utf8')
  const definition = definitionIn(file, source)
  const allowPositionals = definition?.allowPositionals ?? source.includes('process.argv')
  parseArgs({ ...definition, args: [...args], allowPositionals })
}

interface Definition {
  readonly allowPositionals: boolean
  readonly allowNegative: boolean
  readonly options: Record<string, ParseArgsOptionDescriptor>
}

/** What the call says. A program without one takes nothing. */
function definitionIn(file: string, source: string): Definition | null {
  let found: Definition | null = null
  walk(parseSync(file, source).program, {
    enter(node) {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
      const [given] = node.arguments
      if (node.callee.name !== 'parseArgs' || given?.type !== 'ObjectExpression') return
      const fields = fieldsOf(given)
      const options = fields.get('options')
      found = {
        allowPositionals: fields.has('allowPositionals'),
        allowNegative: fields.has('allowNegative'),
        options: options?.type === 'ObjectExpression' ? optionsOf(options) : {},
      }
    },
  })
  return found
}

function optionsOf(options: ObjectExpression): Record<string, ParseArgsOptionDescriptor> {
  return Object.fromEntries(
    [...fieldsOf(options)].map(([name, described]) => {
      const type = described.type === 'ObjectExpression' ? fieldsOf(described).get('type') : undefined
      return [name, { type: type?.type === 'Literal' && type.value === 'boolean' ? 'boolean' : 'string' }]
    }),
  )
}

function fieldsOf({ properties }: ObjectExpression): Map<string, ObjectProperty['value']> {
  return new Map(
    properties.flatMap((property) => {
      if (property.type !== 'Property') return []
      const { key } = property
      if (key.type === 'Identifier') return [[key.name, property.value] as const]
      return key.type === 'Literal' ? [[String(key.value), property.value] as const] : []
    }),
  )
}
