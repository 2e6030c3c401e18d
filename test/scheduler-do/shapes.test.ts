/** What a refusal of a request says to whoever wrote it. */
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { checked, name, namespace, payload, whole, workflowId } from '../../scheduler-do/shapes.ts'

const shape = z.strictObject({
  name: z.exactOptional(name),
  namespace: z.exactOptional(namespace),
  workflowId: z.exactOptional(workflowId),
  limit: z.exactOptional(whole(1, 10)),
  action: z.exactOptional(z.union([z.enum(['cancel', 'pause']), z.object({ signal: name })])),
  input: z.exactOptional(payload),
})

test.each<[object, string]>([
  [{ name: 7 }, 'name is not what it must be (no string)'],
  [{ name: '' }, 'name is not what it must be (no text of 1 to 200 characters)'],
  [{ namespace: 'a/b' }, 'namespace is not what it must be (with a slash)'],
  [{ workflowId: 'a\0' }, 'workflowId is not what it must be (no 1000 bytes of UTF-8 without NUL)'],
  [{ limit: 0 }, 'limit is not what it must be (less than 1)'],
  [{ limit: 11 }, 'limit is not what it must be (more than 10)'],
  [{ limit: 'ten' }, 'limit is not what it must be (no number)'],
  [{ action: 'burn' }, 'action is not what it must be (none of cancel, pause, no object)'],
  [{ colour: 'red' }, 'colour is not what it must be (not known here)'],
  [
    { input: { $type: 'Order' } },
    'input is not what it must be (not an encoded payload: $type must be a known tag; data with a $type key of its own is encoded as $type Object)',
  ],
])('of %j says what it must be', (request, message) => {
  expect(() => checked(shape, request)).toThrow(expect.objectContaining({ message }))
})
