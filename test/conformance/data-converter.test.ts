import { describe, expect, test } from 'vitest'
import { defineActivity, workflow } from '../../shared/index.ts'
import { register } from '../workers/registry.ts'
import { client, evict, historyOf } from './world.ts'

const echo = defineActivity('converter-echo', async (value: unknown) => value)
const echoing = workflow('converter-echoing', async (ctx, value: unknown) => {
  const back = await ctx.activity(echo, { input: value })
  await ctx.sleep(0)
  return back
})
register(echo, echoing)

const values: [kind: string, value: unknown][] = [
  ['json', { order: 'a1', items: [1, 2.5, 'three', true, null], nested: { empty: {}, list: [] } }],
  ['binary', new Uint8Array([0, 1, 127, 128, 255])],
  ['empty', undefined],
]

describe('67 data_converter/json, binary, empty', () => {
  test.each(values)(
    '%s comes back exactly, through input, activity, result and history',
    async (_, value) => {
      const handle = await client.start(echoing, { input: value })
      expect(await handle.result()).toStrictEqual(value)
      await evict()
      const { input, result } = await handle.describe()
      expect(input).toStrictEqual(value)
      expect(result).toStrictEqual(value)
      const history = await historyOf(handle)
      const dataOf = (type: string) =>
        history.find((event) => event.type === type)?.data as Record<string, unknown>
      expect(dataOf('workflow_started')['input']).toStrictEqual(value)
      expect(dataOf('activity_completed')['result']).toStrictEqual(value)
      expect(dataOf('workflow_completed')['result']).toStrictEqual(value)
      expect('result' in dataOf('workflow_completed')).toBe(value !== undefined)
    },
  )
})
