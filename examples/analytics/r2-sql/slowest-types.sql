-- How long runs take, from start to close, by workflow type: the median and the 95th percentile in milliseconds.
WITH durations AS (
  SELECT
    workflow_type,
    CAST(1000 * (extract(epoch FROM closed_at) - extract(epoch FROM started_at)) AS BIGINT) AS ms
  FROM durable.workflow_executions
  WHERE closed_at >= '2026-11-01T00:00:00Z'
)
SELECT
  workflow_type,
  count(*) AS runs,
  approx_percentile_cont(ms, 0.5) AS p50_ms,
  approx_percentile_cont(ms, 0.95) AS p95_ms
FROM durations
GROUP BY workflow_type
ORDER BY p95_ms DESC
