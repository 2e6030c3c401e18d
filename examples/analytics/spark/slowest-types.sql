-- How long runs take, from start to close, by workflow type: the median and the 95th percentile in milliseconds.
SELECT
  workflow_type,
  count(*) AS runs,
  round(percentile(unix_millis(closed_at) - unix_millis(started_at), 0.5)) AS p50_ms,
  round(percentile(unix_millis(closed_at) - unix_millis(started_at), 0.95)) AS p95_ms
FROM perdure.durable.workflow_executions
GROUP BY workflow_type
ORDER BY p95_ms DESC, workflow_type
