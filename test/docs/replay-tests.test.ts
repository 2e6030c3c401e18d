/** The examples of the guide to replay tests, run. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { differingRenewals, recordRenewal } from '../../examples/docs/replay-tests.ts'
import { WorkflowClient, workflow } from '../../shared/index.ts'
import { recordedEvent } from '../../testing/event.ts'
import { replayHistory } from '../../testing/index.ts'
import { Namespace, ok } from '../shared/namespace.ts'

const history = readFileSync('examples/histories/renewal.jsonl', 'utf8')
const [workflowId, runId] = ['renewal-ada', '01KDVZ5Q00RENEWAL0F0ADA000']

/** Of a shard that holds this run and no other. */
function clientOf(lines: string): WorkflowClient {
  const run = { workflowId, runId, startedAt: 0, completedAt: 1, memo: {}, searchAttributes: {} }
  const events = lines
    .trim()
    .split('\n')
    .map((line, index) => ({ eventId: index + 1, event: recordedEvent(JSON.parse(line), 'event') }))
  const namespace = new Namespace({ list: () => ok({ runs: [run] }), history: () => ok({ runId, events }) })
  return new WorkflowClient(namespace, { shards: 1 })
}

test('without its patch the renewal would not go on', async () => {
  const unpatched = workflow('renewal', async (ctx, customer: string) => {
    await ctx.activity('sendQuote', { input: customer })
    await ctx.sleep('30d')
    await ctx.activity('charge', { input: customer })
  })
  await expect(replayHistory(unpatched, history)).rejects.toMatchObject({
    code: 'nondeterminism',
    eventId: 2,
  })
})

test('a run is recorded as the file was', async () => {
  expect(await recordRenewal(clientOf(history), workflowId)).toBe(history)
})

test('only runs that differ are told', async () => {
  expect(await differingRenewals(clientOf(history), new Date(0))).toEqual([])
  const other = clientOf(history.replace('"charge"', '"debit"'))
  expect(await differingRenewals(other, new Date(0))).toEqual([
    expect.stringMatching(
      `^${workflowId} ${runId}: event 4 recorded activity_scheduled debit \\(call 2\\) but`,
    ),
  ])
})
