/** A run as its page shows it: described, with its history, and read again as it goes on. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { isOpen } from '../../shared/protocol.ts'
import type { RunDescription } from '../../shared/description.ts'
import { useEvents } from '../api/live.ts'
import { describeRun, eventsUrl, historyOf } from '../api/runs.ts'
import type { RecordedEvent, RunRef } from '../api/shapes.ts'
import { useSession } from '../api/session.ts'

/** While nothing tells of events, and for what no event tells: attempts that fail. */
const ASK_MS = { told: 5_000, untold: 1_500 }
/** Events that come closer together are read at once. */
const GATHER_MS = 200

export function useRun(run: RunRef): UseQueryResult<RunDescription> {
  const { namespace, token } = useSession()
  const client = useQueryClient()
  const queryKey = [namespace, token, 'run', run.workflowId, run.runId]
  const known = client.getQueryData<RunDescription>(queryKey)
  const going = known === undefined || isOpen(known.status)
  const told = useEvents(known && going ? eventsUrl({ ...run, runId: known.runId }) : null, useRefresh(run))
  return useQuery({
    queryKey,
    queryFn: ({ signal }) => describeRun(run, { signal }),
    refetchInterval: going && (told ? ASK_MS.told : ASK_MS.untold),
  })
}

/** Behind what is known of it only what is new is asked for. */
export function useHistory({
  workflowId,
  runId,
  historyEvents,
}: RunDescription): UseQueryResult<RecordedEvent[]> {
  const { namespace, token } = useSession()
  const client = useQueryClient()
  const queryKey = [namespace, token, 'history', workflowId, runId]
  const history = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      historyOf({ workflowId, runId }, client.getQueryData<RecordedEvent[]>(queryKey) ?? [], signal),
    staleTime: Infinity, // what is recorded stays
  })
  const { data, refetch } = history
  useEffect(() => {
    if (data && data.length < historyEvents) void refetch()
  }, [data, historyEvents, refetch])
  return history
}

/** Has the run described anew, soon. */
export function useRefresh({ workflowId }: RunRef): () => void {
  const client = useQueryClient()
  const waiting = useRef(false)
  return useCallback(() => {
    if (waiting.current) return
    waiting.current = true
    setTimeout(() => {
      waiting.current = false
      void client.invalidateQueries({ predicate: ({ queryKey }) => isOf(queryKey, workflowId) })
    }, GATHER_MS)
  }, [client, workflowId])
}

function isOf(queryKey: readonly unknown[], workflowId: string): boolean {
  return queryKey[2] === 'run' && queryKey[3] === workflowId
}
