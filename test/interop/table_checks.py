"""What PyIceberg is asked about a table, however it was opened."""
import datetime
from collections import Counter

from pyiceberg.expressions import And, EqualTo, GreaterThanOrEqual, LessThan
from pyiceberg.table import Table as IcebergTable

from checks import Checks
from job import Table

DAY_MS = 86_400_000


def check_table(checks: Checks, iceberg: IcebergTable, table: Table) -> None:
    expected = table.rows()
    _check_shape(checks, iceberg, table)
    checks.same_rows(f"{table.name}: all rows", table, iceberg.scan().to_arrow(), expected)
    _check_snapshots(checks, iceberg, table, expected)
    _check_pruning(checks, iceberg, table, expected)
    _check_equality(checks, iceberg, table, expected)
    _check_inspection(checks, iceberg, table, len(expected))


def _check_shape(checks: Checks, iceberg: IcebergTable, table: Table) -> None:
    contract, schema = table.contract, iceberg.schema()
    columns = [(field.field_id, field.name, str(field.field_type), field.required) for field in schema.fields]
    wanted = [(column.id, column.name, column.type, column.required) for column in contract.columns]
    checks.equal(f"{table.name}: columns", columns, wanted)
    checks.equal(f"{table.name}: identifier", schema.identifier_field_names(), set(contract.identifier))
    partitions = [(field.name, str(field.transform), schema.find_column_name(field.source_id)) for field in iceberg.spec().fields]
    checks.equal(f"{table.name}: partitions", partitions, [contract.partition])
    order = tuple(schema.find_column_name(field.source_id) for field in iceberg.sort_order().fields)
    checks.equal(f"{table.name}: sort order", order, contract.sort)


def _check_snapshots(checks: Checks, iceberg: IcebergTable, table: Table, expected: list[dict]) -> None:
    snapshots = sorted(iceberg.snapshots(), key=lambda snapshot: snapshot.sequence_number or 0)
    ids = [snapshot.snapshot_id for snapshot in snapshots]
    parents = [snapshot.parent_snapshot_id for snapshot in snapshots[1:]]
    checks.equal(f"{table.name}: each snapshot's parent is the one before", parents, ids[:-1])
    numbers = [snapshot.sequence_number for snapshot in snapshots]
    checks.equal(f"{table.name}: a sequence number each", len(set(numbers)), len(numbers))
    keys = Counter(_key(table, row) for row in expected)
    for snapshot in snapshots:
        _check_time_travel(checks, iceberg, table, snapshot, keys)
    current = iceberg.current_snapshot()
    checks.equal(f"{table.name}: the last snapshot is current", current and current.snapshot_id, ids[-1] if ids else None)
    total = current.summary["total-records"] if current else "0"
    checks.equal(f"{table.name}: total-records", total, str(len(expected)))


def _check_time_travel(checks: Checks, iceberg: IcebergTable, table: Table, snapshot, keys: Counter) -> None:
    """Rows are never taken back, so those of an earlier snapshot are some of today's, as many as its summary says."""
    then = iceberg.scan(snapshot_id=snapshot.snapshot_id, selected_fields=table.contract.identifier).to_arrow()
    found = Counter(_key(table, row) for row in then.to_pylist())
    what = f"{table.name}: as of snapshot {snapshot.sequence_number}"
    checks.equal(f"{what}: total-records", str(found.total()), snapshot.summary["total-records"])
    checks.that(f"{what}: no row that is not there today", found <= keys, list((found - keys).items())[:3])


def _check_pruning(checks: Checks, iceberg: IcebergTable, table: Table, expected: list[dict]) -> None:
    """A range of days plans the files of those days only, and finds all of their rows."""
    files = len(list(iceberg.scan().plan_files()))
    days = Counter(row["closed_at"] // DAY_MS for row in expected)
    for day in [*sorted(days), max(days, default=0) + 1]:
        scan = iceberg.scan(row_filter=And(GreaterThanOrEqual("closed_at", _midnight(day)), LessThan("closed_at", _midnight(day + 1))))
        planned = [task.file for task in scan.plan_files()]
        strange = [file.file_path for file in planned if file.partition[0] != day]
        checks.that(f"{table.name}: day {day} plans no other day's file", not strange, strange)
        checks.that(f"{table.name}: day {day} is pruned", len(planned) < files or set(days) == {day}, f"{len(planned)} of {files}")
        rows = [row for row in expected if row["closed_at"] // DAY_MS == day]
        checks.same_rows(f"{table.name}: rows of day {day}", table, scan.to_arrow(), rows)


def _check_equality(checks: Checks, iceberg: IcebergTable, table: Table, expected: list[dict]) -> None:
    """Bounds that are wrong lose rows here: a file is skipped that holds some."""
    ids = sorted({row["workflow_id"] for row in expected})
    for workflow_id in {*ids[:1], *ids[len(ids) // 2 : len(ids) // 2 + 1], *ids[-1:]}:
        found = iceberg.scan(row_filter=EqualTo("workflow_id", workflow_id)).to_arrow()
        rows = [row for row in expected if row["workflow_id"] == workflow_id]
        checks.same_rows(f"{table.name}: rows of {workflow_id}", table, found, rows)


def _check_inspection(checks: Checks, iceberg: IcebergTable, table: Table, rows: int) -> None:
    files = iceberg.inspect.files().to_pylist()
    checks.equal(f"{table.name}: rows of its files", sum(file["record_count"] for file in files), rows)
    current = iceberg.current_snapshot()
    summary = current.summary.additional_properties if current and current.summary else {}
    told = (summary.get("total-data-files"), summary.get("total-files-size"), summary.get("total-delete-files"))
    counted = (str(len(files)), str(sum(file["file_size_in_bytes"] for file in files)), "0")
    checks.equal(f"{table.name}: totals of the current snapshot", told, counted)
    partitions = iceberg.inspect.partitions().to_pylist()
    checks.equal(f"{table.name}: rows of its partitions", sum(part["record_count"] for part in partitions), rows)
    live = sum(
        manifest["added_data_files_count"] + manifest["existing_data_files_count"]
        for manifest in iceberg.inspect.manifests().to_pylist()
    )
    checks.equal(f"{table.name}: files that its manifests count", live, len(files))


def _key(table: Table, row: dict) -> tuple:
    return tuple(row[name] for name in table.contract.identifier)


def _midnight(day: int) -> str:
    return datetime.datetime.fromtimestamp(day * 86_400, datetime.timezone.utc).isoformat()
