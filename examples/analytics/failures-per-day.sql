-- Of the runs that closed on a day, how many did not end as their code meant them to.
SELECT
  CAST(closed_at AS DATE) AS day,
  count(*) AS runs,
  count(*) FILTER (WHERE status IN ('failed', 'timed_out', 'terminated')) AS failed,
  round(100.0 * failed / runs, 2) AS failed_percent
FROM workflow_executions
GROUP BY day
ORDER BY day
