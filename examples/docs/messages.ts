/** A shipment that is told things while it runs: signals, updates, and what it says of itself. */
import { defineActivity, query, signal, update, workflow } from '../../shared/index.ts'
import type { WorkflowClient } from '../../shared/index.ts'

export const scanned = signal<{ place: string }>('scanned')
export const delivered = signal('delivered')
export const setAddress = update<{ fee: number }, [address: string]>('setAddress')
export const places = query<string[]>('places')

export const reroute = defineActivity('reroute', async (address: string) => ({ fee: address.length }))
export const notify = defineActivity('notify', async (_text: string) => {})

export const shipment = workflow(
  'shipment',
  { messages: { scanned, delivered, setAddress, places } },
  async (ctx, address: string) => {
    const seen: string[] = []
    let destination = address
    ctx.setQueryHandler(places, () => seen)
    ctx.setSignalHandler(scanned, async ({ place }) => {
      seen.push(place)
      ctx.upsertSearchAttributes({ place })
      await ctx.activity(notify, { input: `it is in ${place}` })
    })
    ctx.setUpdateHandler(
      setAddress,
      async (next) => {
        const change = await ctx.activity(reroute, { input: next })
        destination = next
        return change
      },
      {
        validate: (next) => {
          if (seen.includes('the van')) throw new Error(`it is on its way to ${destination}`)
          if (next === destination) throw new Error('that is its address already')
        },
      },
    )
    await ctx.waitForSignal(delivered)
    ctx.upsertMemo({ deliveredTo: destination })
    return destination
  },
)

export async function moveShipment(client: WorkflowClient, workflowId: string) {
  const handle = client.getHandle<typeof shipment>(workflowId)
  await handle.signal(scanned, { place: 'Lyon' })
  const { fee } = await handle.update(setAddress, { args: ['2 rue de Paris'] })
  return { fee, places: await handle.query(places) }
}

export async function moveLater(client: WorkflowClient, workflowId: string, requestId: string) {
  const handle = client.getHandle<typeof shipment>(workflowId)
  // Durably accepted when it resolves. The same id is run once, however often it is asked.
  await handle.startUpdate(setAddress, { args: ['3 rue de Paris'], updateId: requestId })
  return handle.getUpdate<{ fee: number }>(requestId)
}

export const readings = signal<number>('readings')

export const average = workflow('average', { messages: { readings } }, async (ctx, many: number) => {
  let sum = 0
  let count = 0
  for await (const reading of ctx.signals(readings)) {
    sum += reading
    count += 1
    if (count === many) break
  }
  return sum / count
})

export const book = defineActivity('book', async (part: string) => part)
export const unbook = defineActivity('unbook', async (_part: string) => {}, {
  retry: { maxInterval: '1h' },
})

export const trip = workflow('trip', async (ctx, parts: string[]) => {
  for (const part of parts) {
    // Before the call: it may have been done, whatever is heard of it.
    ctx.compensate(() => ctx.activity(unbook, { input: part }))
    await ctx.activity(book, { input: part, retry: { maxAttempts: 3 } })
  }
  return parts
})
