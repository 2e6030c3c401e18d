/** What the spans of the platform say of the engine's requests, so that a trace is found by the workflow and the other way round. */
import { idTime } from '../shared/ids.ts'
import type { Reply, ShardAddress } from '../shared/protocol.ts'
import { traceparent } from '../shared/trace.ts'
import type { Tracing } from '../shared/tracing.ts'

/** Says of the span of a request which workflow and run it was about, and with what code it was refused. */
export function annotate(
  tracing: Tracing | undefined,
  request: { to: ShardAddress },
  reply: Reply<unknown>,
): void {
  const span = tracing?.getActiveSpan()
  if (!span?.isTraced) return
  const { namespace, shard } = request.to
  const runId = reply.ok ? textOf(reply.value, 'runId') : undefined
  const isRun = runId !== undefined && idTime(runId) !== null
  span.setAttributes({
    'perdure.namespace': namespace,
    'perdure.shard': shard,
    'perdure.workflow_id': textOf(request, 'workflowId'),
    'perdure.run_id': runId ?? textOf(request, 'runId'),
    'perdure.traceparent': isRun ? traceparent(runId) : undefined,
    'perdure.caller': textOf(request, 'traceparent'),
    'perdure.code': reply.ok ? undefined : reply.code,
  })
}

function textOf(value: unknown, field: string): string | undefined {
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
  return typeof text === 'string' ? text : undefined
}
