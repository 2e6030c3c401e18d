/** One order by the command, as the project's own README has it, one over HTTP: started, asked, paid and read, and found by SQL. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLines } from './blocks.ts'
import type { Dev } from './dev.ts'
import { run } from './run.ts'

const ORDER = { sku: 'lamp', quantity: 2, address: '1 Main Street' }
const shipped = (id: string) => ({ status: 'shipped', tracking: `track-${id}` })

export async function byCommand(app: string, { url }: Dev): Promise<void> {
  const perdure = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await run(app, ['npx', 'perdure', ...args, '--url', url, '--json']))
  const id = 'order-1'
  const lines = commandLines(readFileSync(join(app, 'README.md'), 'utf8')).filter((line) =>
    line.startsWith('npx '),
  )
  assert.ok(lines.length >= 6)
  for (const line of lines) await run(app, ['bash', '-ec', line], { PERDURE_URL: url })
  assert.deepEqual(await perdure('result', id), shipped(id))
  assert.partialDeepStrictEqual(await perdure('describe', id), { workflowId: id, status: 'completed' })
  assert.partialDeepStrictEqual(await perdure('list'), { workflowId: id, status: 'completed' })
  assert.partialDeepStrictEqual(await perdure('archive', 'pass'), { failed: 0 })
}

export async function byHttp({ url }: Dev): Promise<void> {
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const method = body ? { method: 'POST', body: JSON.stringify(body) } : {}
    const headers = { authorization: 'Bearer dev', 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/v1/${path}`, { ...method, headers })
    const text = await response.text()
    assert.ok(response.ok, `${path} answered ${response.status}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }
  const id = 'order-2'
  await ask('workflows', { workflowType: 'order', workflowId: id, input: ORDER })
  await ask(`workflows/${id}/signals/payment`, { payload: { amount: 40 } })
  assert.partialDeepStrictEqual(await ask(`workflows/${id}/result?waitMs=25000`), { result: shipped(id) })
  assert.partialDeepStrictEqual(await ask(`workflows/${id}`), { workflowId: id, status: 'completed' })
}

/** As the dashboard asks. Of `npm install` alone a project has no DuckDB, and is told how to have it. */
export async function bySql({ url }: Dev, isInstalled: boolean): Promise<void> {
  const statement = "SELECT workflow_id, status FROM all_executions WHERE workflow_id = 'order-2'"
  const response = await fetch(`${url}/api/v1/archive/sql`, {
    method: 'POST',
    headers: { authorization: 'Bearer dev' },
    body: JSON.stringify({ statement }),
  })
  const expected = isInstalled ? { rows: [['order-2', 'completed']] } : { code: 'not_installed' }
  assert.partialDeepStrictEqual(await response.json(), expected)
}
