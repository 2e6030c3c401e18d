/** What goes in and out as JSON: plain values as they are, the rest tagged as payloads have it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodePayload, encodePayload } from '../shared/payload.ts'
import type { Json } from '../shared/payload.ts'
import { CliError } from './error.ts'
import type { World } from './world.ts'

/** Instants are ISO text; what JSON has no form for is tagged: `{"$type":"Map",...}`. */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, taggedWhereNeeded, indent) ?? 'null'
}

/** A value given as JSON, as `@file` that holds it, or as `-` for stdin; `path` names it in the refusal. */
export async function valueIn(world: World, given: string, path: string): Promise<unknown> {
  const text = await textIn(world, given, path)
  try {
    return decodePayload(JSON.parse(text) as Json) // what JSON.parse gives
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('usage', `${path} is not JSON: ${reason}`, {
      path,
      fix: 'give JSON (text needs its quotes: \'"text"\'), @file, or - to read it from stdin',
      cause,
    })
  }
}

/** A list, as the arguments of a query or an update are given. */
export async function listIn(world: World, given: string | undefined, path: string): Promise<unknown[]> {
  if (given === undefined) return []
  const list = await valueIn(world, given, path)
  if (Array.isArray(list)) return list
  throw new CliError('usage', `${path} must be a list of arguments`, {
    path,
    fix: `for example '[1, "two"]'`,
  })
}

/** An object with keys, as a memo is. */
export async function fieldsIn(world: World, given: string, path: string): Promise<Record<string, unknown>> {
  const fields = await valueIn(world, given, path)
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return { ...fields }
  throw new CliError('usage', `${path} must be an object`, { path, fix: `for example '{"team":"billing"}'` })
}

/** The contents of a file that the user named. */
export function contentsOf(world: World, file: string, path: string): string {
  try {
    return readFileSync(resolve(world.cwd, file), 'utf8')
  } catch (cause) {
    throw new CliError('usage', `${file} cannot be read`, { path, cause })
  }
}

async function textIn(world: World, given: string, path: string): Promise<string> {
  if (given === '-') return await world.readStdin()
  return given.startsWith('@') ? contentsOf(world, given.slice(1), path) : given
}

function taggedWhereNeeded(_key: string, value: unknown): unknown {
  const plain =
    typeof value !== 'bigint' &&
    !(value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof Error)
  return plain ? value : encodePayload(value, 'value')
}
