import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cached } from '../../../cli/sql/cache.ts'
import { ask } from '../../../cli/server.ts'
import { fetchObject } from '../../../cli/sql/objects.ts'

const directory = mkdtempSync(join(tmpdir(), 'perdure-sql-'))
const asked: string[] = []
let http: HttpServer
let url: string

beforeAll(async () => {
  http = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/secret') {
      response.statusCode = request.headers.authorization === 'Bearer right' ? 200 : 401
      return response.end('come in')
    }
    if (request.url === '/broken') {
      response.statusCode = 500
      return response.end('it broke')
    }
    if (request.url === '/cdn-cgi/local/r2/public/archive/a%20b/c.parquet') return response.end('bytes')
    response.statusCode = 404
    return response.end()
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  url = `http://127.0.0.1:${address.port}`
})

afterAll(() => {
  http.close()
  rmSync(directory, { recursive: true })
})

describe('a server', () => {
  test('that does not answer is named, with what to do', async () => {
    const nobody = { url: 'http://127.0.0.1:1', token: null }
    await expect(ask(nobody, '/x')).rejects.toMatchObject({
      code: 'server_unreachable',
      fix: expect.stringContaining('npm run dev'),
    })
  })

  test('gets the token; without it, or with another, what is wrong is said and the token is not', async () => {
    expect(await ask({ url, token: 'right' }, '/secret')).toBe('come in')
    for (const token of [null, 'wrong-token']) {
      const answer = ask({ url, token }, '/secret')
      await expect(answer).rejects.toMatchObject({ code: 'unauthorized' })
      await expect(answer).rejects.not.toThrow('wrong-token')
    }
  })

  test('that lacks what is asked for answers null, and one that fails is quoted', async () => {
    expect(await ask({ url, token: null }, '/none')).toBeNull()
    await expect(ask({ url, token: null }, '/broken')).rejects.toThrow('it broke')
  })
})

describe('a data file', () => {
  const file = { location: 's3://archive/a b/c.parquet', bytes: 5 }
  const cache = { directory, fetch: (location: string) => fetchObject({ url, token: null }, location) }

  test('is downloaded once, and whole', async () => {
    const before = asked.length
    const [path] = await cached(cache, [file])
    expect(readFileSync(path!, 'utf8')).toBe('bytes')
    expect(await cached(cache, [file])).toEqual([path])
    expect(asked.length - before).toBe(1)
    expect(readdirSync(join(directory, 'archive/a b'))).toEqual(['c.parquet'])
  })

  test('that is not as long as the table says is refused', async () => {
    await expect(cached(cache, [{ ...file, bytes: 6 }])).rejects.toMatchObject({ code: 'file_missing' })
  })

  test('that is gone is refused by its location', async () => {
    const gone = { location: 's3://archive/gone.parquet', bytes: 5 }
    await expect(cached(cache, [gone])).rejects.toThrow('s3://archive/gone.parquet')
  })

  test('is never stored outside the cache', async () => {
    const sly = { location: 's3://../../etc/x', bytes: 5 }
    await expect(cached(cache, [sly])).rejects.toMatchObject({ code: 'unsupported_table' })
  })
})
