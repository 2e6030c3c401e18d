"""
Where rows come from: their batches, the tables' watermarks, and the summaries of the archiver's own snapshots.

A watermark that is too high loses rows when a pass is repeated, and one that is too low doubles them.
"""
import re
from collections import Counter

from pyiceberg.table import Table as IcebergTable
from pyiceberg.table.snapshots import Snapshot

from checks import Checks
from job import Job, Table

WATERMARK = "archive.watermark."
TOTALS = {f"total-{what}" for what in ("data-files", "records", "files-size", "delete-files", "position-deletes", "equality-deletes")}
ADDED = {"added-data-files", "added-records", "added-files-size"}
REMOVED = {"deleted-data-files", "deleted-records", "removed-files-size"}
APPEND = {"archive.batch-ids", "changed-partition-count"} | ADDED | TOTALS
REPLACE = {"changed-partition-count"} | ADDED | REMOVED | TOTALS
#: Spark signs its snapshots, we do not.
SIGNATURES = {"spark.app.id", "app-id", "engine-name"}


def check_provenance(checks: Checks, job: Job, iceberg: IcebergTable, table: Table) -> None:
    rows = iceberg.scan(selected_fields=("workflow_id", "archive_batch_id")).to_arrow().to_pylist()
    shards = {row["workflow_id"]: row["shard_id"] for row in job.executions()}
    own = [row for row in rows if row["workflow_id"] in shards]
    odd = [row for row in own if not re.fullmatch(rf"{shards[row['workflow_id']]}-[1-9]\d*", row["archive_batch_id"])]
    checks.that(f"{table.name}: every batch is of its run's shard", not odd, odd[:3])
    batches = Counter(row["archive_batch_id"] for row in own)
    _check_watermarks(checks, iceberg, table, batches)
    ours = [snapshot for snapshot in iceberg.snapshots() if _is_append(snapshot)]
    for snapshot in ours:
        _check_append(checks, table, snapshot, batches)
    compactions = [snapshot for snapshot in iceberg.snapshots() if _is_compaction(snapshot)]
    for snapshot in compactions:
        _check_compaction(checks, table, snapshot)
    wanted = job.compactions.get(table.name, 0)
    checks.equal(f"{table.name}: compactions", len(compactions), wanted)


def _check_watermarks(checks: Checks, iceberg: IcebergTable, table: Table, batches: Counter) -> None:
    """Of each shard the last batch that is in the table, and nothing else under that prefix."""
    found = {name: value for name, value in iceberg.properties.items() if name.startswith(WATERMARK)}
    last: dict[str, int] = {}
    for batch in batches:
        shard, number = batch.split("-")
        last[shard] = max(last.get(shard, 0), int(number))
    wanted = {f"{WATERMARK}default/{shard}": str(number) for shard, number in last.items()}
    checks.equal(f"{table.name}: watermarks", found, wanted)


def _check_append(checks: Checks, table: Table, snapshot: Snapshot, batches: Counter) -> None:
    summary = _summary(snapshot)
    what = f"{table.name}: append {snapshot.sequence_number}"
    checks.equal(f"{what}: keys of its summary", set(summary), APPEND)
    rows = sum(batches[batch] for batch in _batches_in(summary["archive.batch-ids"]))
    checks.equal(f"{what}: added-records", summary["added-records"], str(rows))


def _check_compaction(checks: Checks, table: Table, snapshot: Snapshot) -> None:
    summary = _summary(snapshot)
    what = f"{table.name}: compaction {snapshot.sequence_number}"
    checks.equal(f"{what}: keys of its summary", set(summary), REPLACE)
    checks.equal(f"{what}: rows", summary["deleted-records"], summary["added-records"])
    files = (int(summary["deleted-data-files"]), int(summary["added-data-files"]), summary["changed-partition-count"])
    checks.that(f"{what}: several files of a day made one", files[0] > 1 and files[1:] == (1, "1"), files)


def _is_append(snapshot: Snapshot) -> bool:
    return "archive.batch-ids" in _summary(snapshot)


def _is_compaction(snapshot: Snapshot) -> bool:
    return snapshot.summary is not None and snapshot.summary.operation.value == "replace" and not SIGNATURES & set(_summary(snapshot))


def _summary(snapshot: Snapshot) -> dict[str, str]:
    """Without `operation`, which every snapshot has."""
    return snapshot.summary.additional_properties if snapshot.summary else {}


def _batches_in(text: str) -> list[str]:
    """`default/0:12-15 default/1:7`"""
    batches = []
    for part in text.split(" "):
        namespace, shard, first, last = re.fullmatch(r"(.+)/(\d+):(\d+)(?:-(\d+))?", part).groups()
        batches += [f"{shard}-{number}" for number in range(int(first), int(last or first) + 1)]
    return batches
