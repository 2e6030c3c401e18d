-- Activities by how often they had to be tried again. The event that ends an activity carries its last attempt.
WITH scheduled AS (
  SELECT run_id, event_data->>'$.seq' AS seq, event_data->>'$.activityType' AS activity
  FROM workflow_history
  WHERE event_type = 'activity_scheduled'
),
ended AS (
  SELECT run_id, event_data->>'$.seq' AS seq, CAST(event_data->>'$.attempt' AS BIGINT) AS attempt, event_type
  FROM workflow_history
  WHERE event_type IN ('activity_completed', 'activity_failed', 'activity_timed_out', 'activity_cancelled')
)
SELECT
  activity,
  count(*) AS calls,
  sum(attempt - 1) AS retries,
  max(attempt) AS most_attempts,
  count(*) FILTER (WHERE event_type <> 'activity_completed') AS without_success
FROM scheduled
JOIN ended USING (run_id, seq)
GROUP BY activity
ORDER BY retries DESC, activity
