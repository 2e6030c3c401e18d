/** The document of the HTTP API, and the page that shows it. */
import { Validator } from '@seriousme/openapi-schema-validator'
import openapiTS, { astToString } from 'openapi-typescript'
import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../scheduler-do/http/openapi.ts'
import { routes } from '../../scheduler-do/http/routes.ts'
import { served } from '../security/served.ts'

const { ask } = await served()
const document = openApiDocument()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

describe('the document', () => {
  test('is served to everybody, and is valid as OpenAPI 3.1', async () => {
    const answer = await ask('/openapi.json')
    expect(await answer.json()).toEqual(document)
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
  })

  test('refers to nothing that it does not have', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, path = '']) => path,
    )
    const at = (path: string) => path.split('/').reduce<any>((part, key) => part?.[key], document) // oxlint-disable-line typescript/no-explicit-any -- any part of it
    expect(references.length).toBeGreaterThan(100)
    expect(references.filter((path) => at(path) === undefined)).toEqual([])
  })

  test('has every route once, with a name, its scope and its parameters', () => {
    expect(operations).toHaveLength(routes.length)
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(routes.length)
    for (const { path, operation } of operations) {
      expect(operation.summary).not.toBe('')
      expect(operation.description).toMatch(/Scope: (read|write|admin)\.$/)
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
    }
  })

  test('gives examples that are accepted as they are', () => {
    const refused = routes.filter(
      ({ body, example }) => example !== undefined && body?.safeParse(example).success !== true,
    )
    expect(refused.map(({ id }) => id)).toEqual([])
    const bare = routes.filter(({ body, example }) => body && example === undefined)
    expect(bare.map(({ id }) => id)).toEqual(['triggerSchedule'])
  })

  test('gives the types that test/e2e/contract.test.ts is written with', async () => {
    const types = astToString(await openapiTS(JSON.stringify(document)))
    await expect(types).toMatchFileSnapshot('../e2e/generated/openapi.d.ts')
  })
})

test('the page shows every operation, asks nothing of elsewhere and runs nothing', async () => {
  const page = await ask('/reference')
  const html = await page.text()
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  )
  for (const { id } of routes) expect(html).toContain(`id="${id}"`)
  const links = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link)
  const anchors = links.filter((link) => link !== '/openapi.json')
  expect(anchors.filter((link) => !html.includes(`id="${link.slice(1)}"`))).toEqual([])
  expect(html).not.toMatch(/<script|url\(|@import/)
})
