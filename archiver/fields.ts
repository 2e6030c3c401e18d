/** Memo and search attributes of a run, as its events tell them. */
import type { HistoryEvent } from '../shared/core/events.ts'
import { upserted } from '../shared/core/fields.ts'
import type { Fields } from '../shared/core/fields.ts'
import { stringsOf, textAt } from './frame.ts'
import { eventJson } from './rows.ts'
import type { Slice } from './cold/order.ts'

const UPSERTS = ['memo_upserted', 'search_attributes_upserted']

/** They begin as the run started with them; each of its slices, in order, may change them. */
export class RunFields {
  memo: Fields | undefined
  searchAttributes: Fields | undefined

  add({ frame, from, to }: Slice): void {
    const types = stringsOf(frame, 'event_type')
    for (let row = from; row < to; row++) {
      // Its length tells nearly every event from these; a text is made of the others only.
      const length = (types.offsets[row + 1] ?? 0) - (types.offsets[row] ?? 0)
      if (!UPSERTS.some((type) => type.length === length)) continue
      if (UPSERTS.includes(textAt(types, row) ?? ''))
        this.take(JSON.parse(eventJson(frame, row)) as HistoryEvent) // as the shard recorded it
    }
  }

  take(event: HistoryEvent): void {
    if (event.type === 'workflow_started') {
      this.memo = event.memo
      this.searchAttributes = event.searchAttributes
    } else if (event.type === 'memo_upserted') this.memo = upserted(this.memo ?? {}, event.memo)
    else if (event.type === 'search_attributes_upserted')
      this.searchAttributes = upserted(this.searchAttributes ?? {}, event.searchAttributes)
  }
}
