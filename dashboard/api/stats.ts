/** The figures of a namespace, as they are told and as they change. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { UseQueryResult } from '@tanstack/react-query'
import type { NamespaceStats } from '../../shared/stats.ts'
import { get } from './http.ts'
import { useSession } from './session.ts'

export interface Sample {
  /** Epoch ms. */
  readonly at: number
  readonly stats: NamespaceStats
}

const EVERY_MS = 2_000
/** Ten minutes of them. */
const KEPT = 300

/** The last ones, the newest last; they are gathered while a page that shows them is open. */
export function useSamples(): UseQueryResult<readonly Sample[]> {
  const { namespace, token } = useSession()
  const client = useQueryClient()
  const queryKey = [namespace, token, 'samples']
  return useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<readonly Sample[]> => {
      const stats = await get<NamespaceStats>('/stats', { signal })
      const before = client.getQueryData<readonly Sample[]>(queryKey) ?? []
      return [...before, { at: Date.now(), stats }].slice(-KEPT)
    },
    refetchInterval: EVERY_MS,
    gcTime: KEPT * EVERY_MS,
    structuralSharing: false, // nothing of a sample changes
  })
}
