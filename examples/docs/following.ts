/** Following runs while they go on. */
import type { WorkflowCdcEvent, WorkflowClient } from '../../shared/index.ts'

export async function narrate(client: WorkflowClient, orderId: string, say: (line: string) => void) {
  for await (const event of client.getHandle(orderId).events())
    say(`${event.timestamp} ${event.type.replace('workflow.', '')}`)
}

export interface Bookmark {
  read(): Promise<string | undefined>
  write(cursor: string): Promise<void>
}

export async function follow(
  client: WorkflowClient,
  bookmark: Bookmark,
  take: (event: WorkflowCdcEvent) => Promise<void>,
) {
  const after = (await bookmark.read()) ?? 'now'
  for await (const event of client.events({ after })) {
    await take(event)
    await bookmark.write(event.cursor)
  }
}
