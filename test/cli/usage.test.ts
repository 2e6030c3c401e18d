/** What is said to somebody who asked in a wrong way: what is wrong, where, and what to do; and never a stack. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { WorkflowError } from '../../shared/index.ts'
import type { WorkflowClient } from '../../shared/index.ts'
import { createTestEnvironment } from '../../testing/index.ts'
import { perdure } from './command.ts'
import { workflows } from './workflows.ts'

describe('wrong usage ends with 2', () => {
  test.each([
    [['strat'], "error: unknown command 'strat'\n(Did you mean start?)\n"],
    [['start'], "error: missing required argument 'type'\n"],
    [['list', '--stauts', 'x'], "error: unknown option '--stauts'\n(Did you mean --status?)\n"],
    [['list', '--limit', 'x'], expect.stringContaining('It must be a whole number.')],
    [['list', '--started-after', 'yesterday'], expect.stringContaining('ISO 8601')],
    [['start', 'x', '--delay', '1 fortnight'], expect.stringContaining('must be a duration')],
    [
      ['start', 'x', '--input', '{'],
      expect.stringMatching(/^usage: --input is not JSON: .*\n {2}in --input\n {2}give JSON/),
    ],
    [['start', 'x', '--input', '@none.json'], 'usage: none.json cannot be read\n  in --input\n'],
    [['start', 'x', '--memo', '[]'], expect.stringMatching(/^usage: --memo must be an object/)],
    [['query', 'x', 'y', '--args', '{}'], expect.stringMatching(/^usage: --args must be a list/)],
    [['reset', 'x', '--reason', 'y'], expect.stringContaining('--to-event')],
    [['sql'], expect.stringMatching(/^usage: there is no statement/)],
  ])('%j', async (argv, said) => {
    const { code, out, err } = await perdure({}, ...argv)
    expect({ code, out, err }).toEqual({ code: 2, out: '', err: said })
    expect(err).not.toMatch(/\n {4}at /)
  })
})

describe('what is refused ends with 1', () => {
  test('with the code, and for programs as JSON', async () => {
    const env = await createTestEnvironment({ workflows })
    const { client } = env
    const refused = await perdure({ client }, 'describe', 'nobody')
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^workflow_not_found: /) })
    const { err } = await perdure({ client }, 'start', 'nothing', '--json')
    expect(JSON.parse(err)).toMatchObject({ code: 'unknown_workflow' })
    await env.dispose()
  })

  test('where nobody answers, with what to do', async () => {
    const { code, err } = await perdure({}, 'doctor', '--url', 'http://127.0.0.1:9')
    expect(code).toBe(1)
    expect(err).toMatch(/^server_unreachable: http:\/\/127\.0\.0\.1:9 does not answer\n {2}start it with/)
  })
})

test('a client that nobody hears says so, and a token that does not suffice, which to give', async () => {
  const unheard = new WorkflowError('overloaded', 'no answer', { cause: new TypeError('fetch failed') })
  expect((await perdure({ client: refusing(unheard) }, 'count')).err).toMatch(/^server_unreachable: http/)
  const { err } = await perdure({ client: refusing(new WorkflowError('forbidden', 'no')) }, 'count')
  expect(err).toMatch(/^forbidden: no\n {2}give one that may, with --token/)
})

test('help and version are no failures', async () => {
  expect(await perdure({}, '--version')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
  expect(await perdure({}, 'start', '--help')).toMatchObject({ code: 0, err: '' })
})

test('a shell is told what may follow', () => {
  expect(complete('sch')).toContain('schedule\t')
  expect(complete('schedule', 'pa')).toContain('pause\t')
  expect(complete('list', '--status', '')).toContain('timed_out')
})

test('colours are for terminals', async () => {
  const { err } = await perdure({ colours: true }, 'sql')
  expect(err).toContain('\u001b[31m')
})

function refusing(error: WorkflowError): WorkflowClient {
  return { count: () => Promise.reject(error) } as unknown as WorkflowClient // all that `count` asks of it
}

function complete(...words: string[]): string {
  return execFileSync(process.execPath, ['cli/index.ts', 'complete', '--', ...words], { encoding: 'utf8' })
}
