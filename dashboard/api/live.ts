/** Change events as they happen, and what is read again because of them. */
import { createEventSource } from 'eventsource-client'
import { useEffect, useState } from 'react'
import type { WorkflowCdcEvent } from '../../shared/cdc.ts'
import { credentials } from './http.ts'
import { useSession } from './session.ts'

/** Whether events are being told; while they are not, whoever needs them asks by the clock. */
export function useEvents(url: string | null, onEvent: (event: WorkflowCdcEvent) => void): boolean {
  const { token } = useSession()
  const [connected, setConnected] = useState(false)
  useEffect(() => {
    if (url === null) return undefined
    const source = createEventSource({
      url: new URL(url, location.origin),
      headers: credentials(),
      onConnect: () => setConnected(true),
      onDisconnect: () => setConnected(false),
      onMessage: ({ data }) => onEvent(JSON.parse(data) as WorkflowCdcEvent), // as the contract of the API has it
    })
    return () => {
      source.close()
      setConnected(false)
    }
  }, [url, token, onEvent])
  return connected
}
