"""What anybody may rely on in the two tables: a second statement of the archiver's schema, made without reading it."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    id: int
    name: str
    type: str
    required: bool


@dataclass(frozen=True)
class Contract:
    columns: tuple[Column, ...]
    identifier: tuple[str, ...]
    sort: tuple[str, ...]
    #: Text columns that hold JSON.
    json: tuple[str, ...]
    #: Runs of the archiver name it themselves, so nobody outside can know it beforehand.
    unknown: tuple[str, ...] = ("archive_batch_id",)
    partition: tuple[str, str, str] = ("closed_at_day", "day", "closed_at")


def _columns(*rows: str) -> tuple[Column, ...]:
    cells = [row.split() for row in rows]
    return tuple(Column(i, name, type_, need == "required") for i, (name, type_, need) in enumerate(cells, 1))


CONTRACTS = {
    "workflow_executions": Contract(
        columns=_columns(
            "namespace string required",
            "workflow_id string required",
            "run_id string required",
            "workflow_type string required",
            "task_queue string optional",
            "status string required",
            "parent_workflow_id string optional",
            "parent_run_id string optional",
            "started_at timestamptz required",
            "closed_at timestamptz required",
            "history_length long required",
            "history_bytes long required",
            "input string optional",
            "result string optional",
            "failure string optional",
            "memo string optional",
            "search_attributes string optional",
            "shard_id string required",
            "archive_batch_id string required",
        ),
        identifier=("namespace", "workflow_id", "run_id"),
        sort=("closed_at", "workflow_id"),
        json=("input", "result", "failure", "memo", "search_attributes"),
    ),
    "workflow_history": Contract(
        columns=_columns(
            "namespace string required",
            "workflow_id string required",
            "run_id string required",
            "event_id long required",
            "event_type string required",
            "event_data string required",
            "timestamp timestamptz required",
            "workflow_type string required",
            "task_queue string optional",
            "closed_at timestamptz required",
            "archive_batch_id string required",
        ),
        identifier=("namespace", "workflow_id", "run_id", "event_id"),
        sort=("workflow_id", "run_id", "event_id"),
        json=("event_data",),
    ),
}
