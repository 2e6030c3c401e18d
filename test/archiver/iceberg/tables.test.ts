import { describe, expect, test } from 'vitest'
import type { TableDefinition } from '../../../archiver/iceberg/catalog.ts'
import { CLOSED_AT_DAY, workflowExecutions, workflowHistory } from '../../../archiver/iceberg/tables.ts'

describe('workflow_history', () => {
  test('names an event by its run and number, and is sorted by them', () => {
    expect(workflowHistory.schema['identifier-field-ids']).toEqual([1, 2, 3, 4])
    expect(workflowHistory.order.fields.map((field) => field['source-id'])).toEqual([2, 3, 4])
  })

  test('has no bounds for payloads', () => {
    expect(withoutBounds(workflowHistory)).toEqual(['event_data'])
  })
})

describe('workflow_executions', () => {
  test('has the ids that its columns were given', () => {
    const names = workflowExecutions.schema.fields.map(({ id, name }) => `${id} ${name}`)
    expect(names.join()).toBe(
      '1 namespace,2 workflow_id,3 run_id,4 workflow_type,5 task_queue,6 status,7 parent_workflow_id,8 parent_run_id,' +
        '9 started_at,10 closed_at,11 history_length,12 history_bytes,13 input,14 result,15 failure,16 memo,' +
        '17 search_attributes,18 shard_id,19 archive_batch_id',
    )
  })

  test('has no bounds for payloads', () => {
    expect(withoutBounds(workflowExecutions)).toEqual([
      'input',
      'result',
      'failure',
      'memo',
      'search_attributes',
    ])
  })
})

test.each([workflowExecutions, workflowHistory])(
  'a run is in the partition of the day on which it closed',
  (table) => {
    const [field] = table.spec.fields
    expect(field).toEqual({ 'source-id': 10, 'field-id': 1000, name: CLOSED_AT_DAY, transform: 'day' })
    expect(table.schema.fields.find(({ id }) => id === 10)).toMatchObject({
      name: 'closed_at',
      type: 'timestamptz',
      required: true,
    })
  },
)

function withoutBounds({ schema }: TableDefinition): string[] {
  return schema.fields.filter(({ doc }) => doc === 'JSON').map(({ name }) => name)
}
