/** Requests of `curl`: there is such a route, and it takes what is sent. */
import { parseArgs } from 'node:util'
import { BASE } from '../../../scheduler-do/http/answer.ts'
import type { Route } from '../../../scheduler-do/http/route.ts'
import { routes } from '../../../scheduler-do/http/routes.ts'

export function wrongRequest(args: readonly string[]): string[] {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      data: { type: 'string', short: 'd' },
      header: { type: 'string', short: 'H', multiple: true },
      request: { type: 'string', short: 'X' },
      'fail-with-body': { type: 'boolean' },
      'no-buffer': { type: 'boolean', short: 'N' },
      'show-error': { type: 'boolean', short: 'S' },
      silent: { type: 'boolean', short: 's' },
    },
  })
  const [address = ''] = positionals
  const { pathname, searchParams } = new URL(address.includes('://') ? address : `http://${address}`)
  const method = (values.request ?? (values.data === undefined ? 'get' : 'post')).toLowerCase()
  const route = routes.find((one) => one.method === method && patternOf(one).test(pathname))
  if (!route) return [`no route takes ${method} ${pathname}`]
  const token = values.header?.some((header) => /^authorization: bearer \S/i.test(header))
  return [
    ...(token === true ? [] : [`${pathname}: no token is shown`]),
    ...wrongFields(route.query, { namespace: undefined }, Object.fromEntries(searchParams)),
    ...wrongFields(route.body, {}, JSON.parse(values.data ?? '{}')),
  ]
}

function patternOf({ path, root }: Route): RegExp {
  return new RegExp(
    `^${root ? '' : BASE}${path.replaceAll(/\{\+\w+\}/g, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`,
  )
}

/** Fields that it does not know are left out of a request: here they are wrong. */
function wrongFields(shape: Route['query'] | Route['body'], beside: object, given: object): string[] {
  const known = { ...beside, ...(shape && 'shape' in shape ? (shape.shape as object) : {}) }
  const unknown = Object.keys(given).filter((field) => !(field in known))
  const checked = shape?.safeParse(given)
  return [
    ...unknown.map((field) => `no field ${field}`),
    ...(checked?.success === false ? [checked.error.message] : []),
  ]
}
