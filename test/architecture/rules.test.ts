import { describe, expect, test } from 'vitest'
import { brokenArrows, roomCycles } from './arrows.ts'
import { impureGlobals, ownClocks, ownDraws } from './globals.ts'
import { exportStars, tooLong } from './shape.ts'
import { source } from './sources.ts'

describe('an import against an arrow is found', () => {
  test.each([
    ['shared/client.ts', '../archiver/index.ts'],
    ['shared/core/decide.ts', '../protocol.ts'],
    ['shared/core/decide.ts', 'ulid'],
    ['shared/replay/context.ts', '../client.ts'],
    ['shared/errors.ts', './core/events.ts'],
    ['shared/index.ts', '../testing/index.ts'],
    ['testing/environment.ts', '../archiver/index.ts'],
    ['testing/environment.ts', '../scheduler-do/platform.ts'],
    ['scheduler-do/index.ts', '../testing/platform.ts'],
    ['scheduler-do/turn.ts', '../archiver/pass.ts'],
    ['examples/orders/workflows.ts', 'drizzle-orm'],
    ['scheduler-do/turn.ts', 'drizzle-orm/durable-sqlite'],
    ['scheduler-do/turn.ts', 'apache-arrow'],
    ['scheduler-do/turn.ts', 'cloudflare:workers'],
    ['shared/define.ts', 'node:async_hooks'],
    ['scheduler-do/turn.ts', '../examples/orders/workflows.ts'],
    ['test/scheduler-do/turn.test.ts', '../../bench/run.ts'],
    ['archiver/pass.ts', 'perdure/scheduler'],
    ['shared/client.ts', 'commander'],
    ['examples/orders/demo.ts', '../../cli/run.ts'],
  ])('%s importing %s', (path, specifier) => {
    for (const statement of [
      `import '${specifier}'`,
      `export type { A } from '${specifier}'`,
      `import('${specifier}')`,
      `type A = import('${specifier}').A`,
    ])
      expect(brokenArrows(source(path, `\n${statement}`))).toMatchObject([{ path, line: 2 }])
  })
})

describe('an import along an arrow passes', () => {
  test.each([
    ['shared/index.ts', '../activity-worker/worker.ts'],
    ['shared/core/decide.ts', '../errors.ts'],
    ['shared/replay/context.ts', '../core/events.ts'],
    ['testing/platform.ts', 'node:async_hooks'],
    ['testing/environment.ts', '../scheduler-do/scheduler.ts'],
    ['examples/docs/replay-tests.ts', '../../testing/index.ts'],
    ['scheduler-do/store/history.ts', 'drizzle-orm'],
    ['archiver/parquet.ts', 'parquet-wasm/esm/parquet_wasm.js'],
    ['scheduler-do/hosted.ts', 'cloudflare:workers'],
    ['test/e2e/demo.test.ts', '../../examples/orders/demo.ts'],
    ['test/cli/main.test.ts', '../../cli/main.ts'],
    ['cli/program.ts', 'commander'],
    ['examples/orders/node/analytics.ts', '../../../cli/sql/archive.ts'],
  ])('%s importing %s', (path, specifier) => {
    expect(brokenArrows(source(path, `import '${specifier}'`))).toEqual([])
  })
})

test('two rooms that import each other are found, through a third one too', () => {
  const cycle = [
    source('shared/core/a.ts', "import '../errors.ts'"),
    source('shared/errors.ts', "import './replay/b.ts'"),
    source('shared/replay/b.ts', "import '../core/a.ts'\nimport './c.ts'"),
  ]
  expect(roomCycles(cycle).map(({ path }) => path)).toEqual(cycle.map(({ path }) => path))
  expect(roomCycles(cycle.slice(1))).toEqual([])
})

describe('an impure global is found', () => {
  test.each([
    'Date.now()',
    "Date['now']()",
    'new Date()',
    'Date()',
    'globalThis.Date.now()',
    'const roll = Math.random',
    'crypto.randomUUID()',
    'setTimeout(() => {}, 1)',
    'const wait = { setTimeout }',
    'globalThis.fetch("/")',
    '(globalThis as Host).performance.now()',
    'AbortSignal.timeout(1)',
    'function f(crypto: Crypto) {}; crypto.subtle',
  ])('%s', (text) => {
    expect(impureGlobals(source('shared/core/a.ts', text))).toHaveLength(1)
  })
})

describe('a clock or a timer that nobody was given is found', () => {
  test.each(['Date.now()', 'new Date()', 'setTimeout(() => {}, 1)', 'performance.now()'])('%s', (text) => {
    expect(ownClocks(source('scheduler-do/a.ts', text))).toHaveLength(1)
  })

  test.each(['new Date(at)', 'crypto.randomUUID()', 'time.now()'])('but not %s', (text) => {
    expect(ownClocks(source('scheduler-do/a.ts', text))).toEqual([])
  })
})

describe('a draw or an id that nobody was given is found', () => {
  test.each([
    'Math.random()',
    'crypto.randomUUID()',
    'crypto.getRandomValues(pool)',
    "import { idTime, newId } from '../shared/ids.ts'",
  ])('%s', (text) => {
    expect(ownDraws(source('scheduler-do/a.ts', text))).toHaveLength(1)
  })

  test.each(['chance.draw()', 'crypto.subtle.sign()', "import { idAfter } from '../shared/ids.ts'"])(
    'but not %s',
    (text) => {
      expect(ownDraws(source('scheduler-do/a.ts', text))).toEqual([])
    },
  )
})

describe('what was passed in, and what merely shares the name, passes', () => {
  test.each([
    'target.Date = Patched; target.Date.now()',
    'new Date(at)',
    'type Clock = typeof fetch; let at: Date',
    'function f(crypto: Crypto) { return crypto.subtle }',
    'f(); function f() { fetch() } function fetch() {}',
    'const timers = { setTimeout: 1 }',
    'const { Date } = target; Date.now()',
    'value instanceof Date',
  ])('%s', (text) => {
    expect(impureGlobals(source('shared/core/a.ts', text))).toEqual([])
  })
})

test('a file of 301 lines is found, one of 300 passes', () => {
  expect(tooLong(source('a.ts', '\n'.repeat(301)))).toHaveLength(1)
  expect(tooLong(source('a.ts', '\n'.repeat(300)))).toEqual([])
})

test('export * is found', () => {
  expect(exportStars(source('a.ts', "export * from './b.ts'\nexport * as c from './c.ts'"))).toHaveLength(2)
})
