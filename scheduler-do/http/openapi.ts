/** The OpenAPI 3.1 document: what the routes and their shapes say of themselves. */
import * as z from 'zod/mini'
import { described, name, namespace, said } from '../shapes.ts'
import type { Shape } from '../shapes.ts'
import { BASE } from './answer.ts'
import type { Route } from './route.ts'
import { subjects } from './routes.ts'

type Json = Record<string, unknown>

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Json
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Json; readonly [field: string]: Json }
  readonly [field: string]: unknown
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters: readonly Parameter[]
  readonly requestBody?: Body
  readonly responses: Readonly<Record<string, Answered>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: Json
}

/** Or a reference to one. */
interface Answered extends Partial<Body> {
  readonly $ref?: string
}

interface Body {
  readonly content: Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>>
  readonly description?: string
  readonly required?: boolean
}

/** Made when it is first asked for, and once. */
export function openApiDocument(): OpenApiDocument {
  return (made ??= document())
}

let made: OpenApiDocument | undefined

function document(): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const { name: tag, routes } of subjects)
    for (const route of routes) {
      const path = `${route.root ? '' : BASE}${route.path.replace('{+', '{')}`
      paths[path] = { ...paths[path], [route.method]: operation(route, tag) }
    }
  return {
    openapi: '3.1.0',
    info: { title: 'perdure', version: '1', description: DESCRIPTION, license: LICENSE },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { access: [] }],
    tags: subjects.map(({ name: tag }) => ({ name: tag })),
    paths,
    components: { schemas: components(), responses, securitySchemes },
  }
}

const LICENSE = { name: 'Apache-2.0', identifier: 'Apache-2.0' }
const DESCRIPTION =
  'Durable workflows: everything that the client does, and what Workers ask that take their tasks themselves. ' +
  'Times are epoch milliseconds. Values of users are JSON; what JSON has no form for is an object with $type, ' +
  'such as {"$type":"Date","value":"2026-01-01T12:00:00.000Z"}.'

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'API_TOKEN_READ, API_TOKEN_WRITE or API_TOKEN.' },
  access: {
    type: 'apiKey',
    in: 'header',
    name: 'Cf-Access-Jwt-Assertion',
    description: 'What Cloudflare Access adds to the requests that it lets through.',
  },
}

const PROBLEMS = {
  400: 'What was sent is not what it must be; `path` says where.',
  401: 'Nobody who is known sent it.',
  403: 'The scope of the token does not suffice.',
  404: 'What it names is not there.',
  409: 'What it names is not in a state for it.',
  413: 'It is too large.',
  503: 'It was not taken, and may be sent again: `retryAfterMs` says when. Or the scheduler lacks a binding.',
  default: 'An error that the log of the Worker has.',
}
const responses = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, description]) => [
    `Problem${status}`,
    {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]),
)
const refusals = Object.fromEntries(
  Object.keys(PROBLEMS).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
)

const inEveryQuery = z.object({
  namespace: said(z.exactOptional(namespace), { description: 'Absent: default.' }),
})
const inHeader = z.object({
  'Idempotency-Key': said(z.exactOptional(name), {
    description: 'Stands for the id that the body does not name: sent twice, the request counts once.',
  }),
})

function operation(route: Route, tag: string): Operation {
  const { id, summary, description, scope, params, query, keyed } = route
  const body = requestBody(route)
  return {
    operationId: id,
    summary,
    description: [description, `Scope: ${scope}.`].filter((text) => text !== undefined).join('\n\n'),
    tags: [tag],
    parameters: [
      ...parametersIn('path', params),
      ...parametersIn('query', query),
      ...parametersIn('query', inEveryQuery),
      ...(keyed ? parametersIn('header', inHeader) : []),
    ],
    ...(body && { requestBody: body }),
    responses: { ...answered(route), ...refusals },
  }
}

function parametersIn(place: 'path' | 'query' | 'header', fields?: z.ZodMiniObject): Parameter[] {
  if (!fields) return []
  const { properties = {}, required = [] } = schemaOf(fields)
  return Object.entries(properties).map(([key, schema]) => {
    const { description, ...rest } = schema as Json & { description?: string } // of an object's field
    return {
      name: key,
      in: place,
      required: place === 'path' || required.includes(key),
      ...(description !== undefined && { description }),
      schema: rest,
    }
  })
}

function requestBody({ body, upload, example }: Route): Body | null {
  if (upload !== undefined)
    return { required: true, content: { [upload]: { schema: { type: 'string', format: 'binary' } } } }
  if (!body) return null
  const content = { schema: schemaOf(body), ...(example !== undefined && { example }) }
  return { required: !body.safeParse({}).success, content: { 'application/json': content } }
}

function answered({
  answer,
  media = 'application/json',
  others,
  sometimes,
}: Route): Record<string, Answered> {
  const nothing = { 204: { description: 'Done.' } }
  if (!answer) return nothing
  const shapes = Object.entries({ [media]: answer, ...others })
  const content = Object.fromEntries(shapes.map(([type, shape]) => [type, { schema: schemaOf(shape) }]))
  return { 200: { description: 'What was asked for.', content }, ...(sometimes && nothing) }
}

const OPTIONS = { metadata: described, io: 'input', unrepresentable: 'any' } as const

/** A component by its name, anything else as it is. */
function schemaOf(shape: Shape<unknown>): Json & { properties?: Json; required?: string[] } {
  const id = described.get(shape)?.id
  if (id !== undefined) return { $ref: referenceTo(id) }
  return referring(bare(z.toJSONSchema(shape, OPTIONS)))
}

function components(): Json {
  const { schemas } = z.toJSONSchema(described, { ...OPTIONS, uri: referenceTo })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

function referenceTo(id: string): string {
  return `#/components/schemas/${id}`
}

/** The document says once which JSON Schema it is. */
function bare(schema: Json): Json {
  const { $schema: _, $id: __, $defs: ___, ...own } = schema
  return own
}

/** With the components where the document has them. */
function referring(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/$defs/', referenceTo(''))) as Json // an object as it was
}
