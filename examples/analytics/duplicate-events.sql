-- The audit: an event is in the archive once, whatever was repeated on its way there. No row is the right answer.
SELECT namespace, workflow_id, run_id, event_id, archive_batch_id
FROM workflow_history
QUALIFY row_number() OVER (PARTITION BY namespace, workflow_id, run_id, event_id ORDER BY archive_batch_id) > 1
ORDER BY namespace, workflow_id, run_id, event_id
