/** The reference page: the document for people. It needs neither script nor anything from elsewhere. */
import { html } from 'hono/html'
import type { OpenApiDocument, Operation } from './openapi.ts'

type Html = ReturnType<typeof html>

export function referencePage({ info, tags, paths, components }: OpenApiDocument): Html {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    return html`<section>
      <h2>${name}</h2>
      ${own.map(shown)}
    </section>`
  })
  const schemas = Object.entries(components.schemas).map(
    ([id, schema]) =>
      html`<details id="${id}">
        <summary>${id}</summary>
        ${code(schema)}
      </details>`,
  )
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>perdure: HTTP API</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <h1>HTTP API</h1>
        <p>${info['description']}</p>
        <p>The same for programs: <a href="/openapi.json">openapi.json</a>, OpenAPI 3.1.</p>
        ${sections}
        <section>
          <h2>Schemas</h2>
          ${schemas}
        </section>
      </body>
    </html>`
}

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
summary { cursor: pointer; padding: .25rem 0 }
details > :not(summary) { margin-left: 1rem }
pre { overflow-x: auto; padding: .5rem 1rem; border: 1px solid #8886 }
th { text-align: left } td, th { padding: 0 1rem 0 0; vertical-align: top }`

function shown({ path, method, operation }: { path: string; method: string; operation: Operation }): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  return html`<details id="${operationId}">
    <summary><strong>${method.toUpperCase()}</strong> <code>${path}</code> ${summary}</summary>
    <p>${description}</p>
    ${parameters.length > 0 ? table(parameters) : ''}
    ${requestBody ? bodies('Body', requestBody.content) : ''}
    ${Object.entries(responses).map(([status, { description: means = '', content }]) =>
      content ? bodies(`${status}: ${means}`, content) : '',
    )}
  </details>`
}

function table(parameters: Operation['parameters']): Html {
  return html`<table>
    <tr>
      <th>Parameter</th>
      <th>In</th>
      <th>What</th>
    </tr>
    ${parameters.map(
      ({ name, in: place, required, description = '' }) =>
        html`<tr>
          <td><code>${name}</code></td>
          <td>${place}${required ? ', required' : ''}</td>
          <td>${description}</td>
        </tr>`,
    )}
  </table>`
}

function bodies(title: string, content: NonNullable<Operation['requestBody']>['content']): Html {
  return html`<h3>${title}</h3>
    ${Object.entries(content).map(
      ([media, { schema, example }]) =>
        html`<p><code>${media}</code> ${linked(schema)}</p>
          ${example === undefined ? '' : code(example)}`,
    )}`
}

function linked(schema: Record<string, unknown>): Html {
  const { $ref } = schema
  if (typeof $ref !== 'string') return code(schema)
  const id = $ref.replace('#/components/schemas/', '')
  return html`<a href="#${id}">${id}</a>`
}

function code(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`
}
