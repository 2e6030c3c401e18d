/** What a run says of itself to those who look for it: its memo and its search attributes, changed while it runs. */
import { attributePatch } from '../attributes.ts'
import type { SearchAttributes } from '../attributes.ts'
import { MAX_FIELDS_BYTES, upserted } from '../core/fields.ts'
import type { Fields } from '../core/fields.ts'
import { checkedFields } from '../names.ts'
import { payloadBytes, tooLarge } from '../payload.ts'
import { encodedFields } from '../workflow.ts'
import type { Coroutine } from './coroutine.ts'

export function upserts(coroutine: Coroutine) {
  const { started } = coroutine
  let memo = started.memo ?? {}
  let attributes = started.searchAttributes ?? {}
  return {
    upsertMemo: (patch: Record<string, unknown>): void => {
      coroutine.guard('ctx.upsertMemo')
      const fields = memoPatch(checkedFields(patch, 'memo'))
      memo = fitting(upserted(memo, fields), 'memo')
      if (Object.keys(fields).length > 0) coroutine.issue({ type: 'memo_upserted', memo: fields })
    },
    upsertSearchAttributes: (patch: SearchAttributes): void => {
      coroutine.guard('ctx.upsertSearchAttributes')
      const fields = attributePatch(checkedFields(patch, 'searchAttributes') as SearchAttributes) // it checks them
      attributes = fitting(upserted(attributes, fields), 'searchAttributes')
      if (Object.keys(fields).length > 0)
        coroutine.issue({ type: 'search_attributes_upserted', searchAttributes: fields })
    },
  }
}

function memoPatch(patch: Record<string, unknown>): Fields {
  const entries = Object.entries(patch).map(([key, value]) => [key, value ?? null])
  return encodedFields(Object.fromEntries(entries), 'memo')
}

function fitting(fields: Fields, path: string): Fields {
  const bytes = payloadBytes(fields as Parameters<typeof payloadBytes>[0]) // payloads by name are one
  if (bytes <= MAX_FIELDS_BYTES) return fields
  throw tooLarge(path, `would be ${bytes} bytes as JSON, and may have 512 KiB in all`)
}
