/** The commands over runs, against the engine of the tests. */
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestEnvironment } from '../../testing/index.ts'
import type { TestEnvironment } from '../../testing/index.ts'
import { perdure, told } from './command.ts'
import { greeting, workflows } from './workflows.ts'

const directory = mkdtempSync(join(tmpdir(), 'perdure-cli-'))
afterAll(() => rmSync(directory, { recursive: true }))

let env: TestEnvironment
beforeEach(async () => {
  env = await createTestEnvironment({ workflows, activities: [greeting], startTime: '2026-11-30T00:00:00Z' })
})
afterEach(() => env.dispose())

const run = (...argv: string[]) => perdure({ client: env.client, cwd: directory }, ...argv)
const json = (...argv: string[]) => told({ client: env.client, cwd: directory }, ...argv)

describe('start', () => {
  test('starts a run, with its input from the line, from a file or from stdin', async () => {
    writeFileSync(join(directory, 'input.json'), '"Grace"')
    expect(await json('start', 'greet', '--id', 'ada', '--input', '"Ada"')).toEqual([
      { workflowId: 'ada', runId: expect.any(String) },
    ])
    expect(await json('start', 'greet', '--input', '@input.json', '--wait')).toEqual(['hello Grace'])
    const piped = await told(
      { client: env.client, stdin: '"Edsger"' },
      'start',
      'greet',
      '--input',
      '-',
      '--wait',
    )
    expect(piped).toEqual(['hello Edsger'])
    expect((await run('result', 'ada')).out).toBe('"hello Ada"\n')
  })

  test('passes on what a start may have', async () => {
    await run(
      'start',
      'wait',
      '--id',
      'w',
      '--memo',
      '{"team":"a"}',
      '--attribute',
      'n=2',
      'tags=["x"]',
      'name=Ada',
    )
    expect(await json('describe', 'w')).toMatchObject([
      { memo: { team: 'a' }, searchAttributes: { n: 2, tags: ['x'], name: 'Ada' }, status: 'running' },
    ])
    const again = await run('start', 'wait', '--id', 'w')
    expect([again.code, again.err]).toEqual([1, expect.stringMatching(/^workflow_already_started: /)])
    expect((await run('start', 'wait', '--id', 'w', '--id-conflict', 'use-existing')).code).toBe(0)
  })

  test('with a signal starts a run, or only signals the one that is open', async () => {
    const signal = ['--signal', 'go', '--payload', '"a"']
    const [open] = await json('start', 'wait', '--id', 'w')
    expect(await json('start', 'wait', '--id', 'w', ...signal)).toEqual([open])
    expect(await json('result', 'w')).toEqual(['a'])
    expect(await json('start', 'wait', '--id', 'w', ...signal)).not.toEqual([open])
  })
})

describe('a run', () => {
  beforeEach(() => run('start', 'wait', '--id', 'w').then(() => env.settle()))

  test('is described for people and for programs', async () => {
    const { out } = await run('describe', 'w')
    expect(out).toMatch(/^workflow {4}w \(wait\)\nrun {9}\w+\nstatus {6}running\n/)
    expect(out).toContain('waits for   signal go, since 2026-11-30 00:00:00Z')
    expect(await json('describe', 'w')).toMatchObject([{ waitingFor: [{ kind: 'signal', name: 'go' }] }])
  })

  test('is asked, changed and signalled', async () => {
    expect(await json('query', 'w', 'asked', '--args', '[2, 3]')).toEqual([5])
    expect(await json('update', 'w', 'double', '--args', '[21]')).toEqual([42])
    expect(await json('update', 'w', 'double', '--args', '[1]', '--no-wait', '--id', 'u')).toEqual([
      { workflowId: 'w', updateId: 'u' },
    ])
    expect((await run('signal', 'w', 'go', '{"a":1}')).out).toBe('sent\n')
    expect((await run('result', 'w')).out).toBe('{\n  "a": 1\n}\n')
  })

  test('is paused, resumed, cancelled; and what it failed of is told to its cause', async () => {
    await run('pause', 'w', '--reason', 'lunch')
    expect(await json('describe', 'w')).toMatchObject([{ status: 'paused' }])
    await run('resume', 'w')
    expect((await run('cancel', 'w', '--reason', 'recalled')).out).toBe('cancellation requested\n')
    const { code, err } = await run('result', 'w')
    expect(code).toBe(1)
    expect(err).toMatch(/^workflow_failed: .*\n {2}caused by cancelled: /)
  })

  test('is reset to an event or an activity, and deleted when it has ended', async () => {
    await run('signal', 'w', 'go', '1')
    const [reset] = await json('reset', 'w', '--to-event', '1', '--reason', 'again')
    expect(reset).toMatchObject({ workflowId: 'w' })
    const runId = (reset as { runId: string }).runId
    expect((await run('terminate', 'w')).out).toBe('terminated\n')
    expect((await run('delete', 'w', runId)).code).toBe(2)
    expect((await run('delete', 'w', runId, '--yes')).out).toBe('deleted\n')
  })

  test('is followed to its end', async () => {
    await run('signal', 'w', 'go', '1')
    await run('result', 'w')
    expect((await run('tail', 'w')).out.replaceAll(/^\S+ \S+ +/gm, '').replaceAll(/ +/g, ' ')).toBe(
      'started w\nsignal_received w go\ncompleted w completed\n',
    )
    expect(await json('tail', 'w', '--after', '2')).toMatchObject([
      { type: 'workflow.completed', eventId: 3 },
    ])
    expect(await json('tail', '--no-follow')).toHaveLength(3)
  })

  test('has a history, whose JSON Lines are replayed', async () => {
    await run('signal', 'w', 'go', '1')
    await run('result', 'w')
    const { out } = await run('history', 'w')
    expect(out).toMatch(/^event {2}time +type +data\n─+/)
    expect(out).toContain('    1  2026-11-30 00:00:00Z  workflow_started')
    writeFileSync(join(directory, 'w.jsonl'), (await run('history', 'w', '--json')).out)
    const module = join(import.meta.dirname, 'workflows.ts')
    const replayed = await run('replay', 'w.jsonl', '--workflows', module)
    expect(replayed).toMatchObject({ code: 0, err: '1 replayed, 0 of them differ\n' })
    expect(await run('replay', '--workflows', module)).toMatchObject({
      code: 0,
      err: '1 replayed, 0 of them differ\n',
    })
  })
})

describe('many runs', () => {
  beforeEach(async () => {
    for (const id of ['a', 'b', 'c']) await run('start', 'wait', '--id', id)
    await run('start', 'greet', '--id', 'done', '--input', '"you"', '--wait')
  })

  test('are listed as a table, or a line of JSON for each', async () => {
    const { out, err } = await run('list', '--columns', 'workflowId', 'status', 'events', '--prefix', 'd')
    expect(out).toBe(
      'workflowId  status     events\n──────────  ─────────  ──────\ndone        completed       4\n',
    )
    expect(err).toBe('1 run\n')
    expect(await json('list', '--status', 'running')).toHaveLength(3)
    expect(await json('list', '--limit', '2')).toHaveLength(2)
    expect((await run('list', '--limit', '2')).err).toContain('there are more')
    expect(await json('list', '--limit', '2', '--all')).toHaveLength(4)
  })

  test('are counted, and counted by a field', async () => {
    expect((await run('count')).out).toBe('4\n')
    expect(await json('count', '--by', 'status')).toEqual([
      { status: 'completed', count: 1 },
      { status: 'running', count: 3 },
    ])
  })

  test('are acted on all at once, when that is confirmed', async () => {
    const unsure = await run('bulk', 'signal', '--signal', 'go', '--type', 'wait')
    expect(unsure).toMatchObject({
      code: 2,
      err: expect.stringContaining('3 runs match, and none was touched'),
    })
    expect(
      (await run('bulk', 'signal', '--signal', 'go', '--payload', '7', '--type', 'wait', '--yes')).out,
    ).toBe('3 done, 0 failed, of 3\n')
    expect(await json('result', 'b')).toEqual([7])
  })

  test('are what a bench is made of', async () => {
    const [figures] = await json('bench', 'greet', '--input', '"x"', '--runs', '5', '--concurrency', '2')
    expect(figures).toMatchObject({ type: 'greet', runs: 5, concurrency: 2, failed: {} })
  })
})

describe('a schedule', () => {
  test('is made, listed, changed and deleted', async () => {
    await run(
      'schedule',
      'create',
      'nightly',
      'greet',
      '--cron',
      '0 3 * * *',
      '--input',
      '"n"',
      '--note',
      'for Ada',
    )
    expect((await run('schedule', 'list')).out).toContain('2026-11-30 03:00:00Z')
    await run('schedule', 'update', 'nightly', '--every', '1h', '--overlap', 'allow-all')
    expect(await json('schedule', 'describe', 'nightly')).toMatchObject([
      { spec: { every: 3_600_000 }, policy: { overlap: 'allow-all' }, note: 'for Ada' },
    ])
    await run('schedule', 'pause', 'nightly', '--note', 'holidays')
    expect((await run('schedule', 'describe', 'nightly')).out).toContain('paused      yes')
    await run('schedule', 'unpause', 'nightly')
    await run('schedule', 'trigger', 'nightly')
    await run(
      'schedule',
      'backfill',
      'nightly',
      '--from',
      '2026-11-29T00:00:00Z',
      '--to',
      '2026-11-29T02:00:00Z',
    )
    await env.settle()
    expect(await json('count', '--prefix', 'nightly')).toEqual([{ count: 4 }])
    expect((await run('schedule', 'delete', 'nightly')).code).toBe(0)
    expect((await run('schedule', 'describe', 'nightly')).err).toMatch(/^schedule_not_found: /)
  })
})
