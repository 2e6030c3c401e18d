"""
PyIceberg appends runs of its own through the REST catalog, half of them a day earlier, so in two partitions at once; then
it expires the oldest snapshot: whoever reads or commits later finds a parent that is gone.
"""
import datetime
import json
import uuid

import pyarrow as pa
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import Table as IcebergTable

from checks import Checks, report
from job import Job, Table

DAY_MS = 86_400_000
RUNS = 4


def check(checks: Checks, job: Job) -> None:
    catalog = RestCatalog("perdure", **job.catalog)
    batch = uuid.uuid4().hex
    for table in job.tables:
        before = table.rows()
        added = _foreign(before, batch)
        iceberg = catalog.load_table(table.identifier)
        iceberg.append(_as_arrow(table, iceberg, added), snapshot_properties={"appended-by": "pyiceberg"})
        with table.appended.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(row)}\n" for row in added)
        again = catalog.load_table(table.identifier)
        current = again.current_snapshot()
        checks.equal(f"{table.name}: added-records", current and current.summary["added-records"], str(len(added)))
        checks.same_rows(f"{table.name}: all rows", table, again.scan().to_arrow(), [*before, *added])
        oldest = again.snapshots()[0].snapshot_id
        again.maintenance.expire_snapshots().by_id(oldest).commit()
        left = [snapshot.snapshot_id for snapshot in catalog.load_table(table.identifier).snapshots()]
        checks.that(f"{table.name}: the oldest snapshot is expired", bool(left) and oldest not in left, left)


def _foreign(rows: list[dict], batch: str) -> list[dict]:
    """Copies of the first runs under names of their own; the shard is that of the original."""
    runs = list(dict.fromkeys(row["run_id"] for row in sorted(rows, key=lambda row: row["run_id"])))[:RUNS]
    return [_renamed(row, batch, runs.index(row["run_id"])) for row in rows if row["run_id"] in runs]


def _renamed(row: dict, batch: str, index: int) -> dict:
    closed_at = row["closed_at"] - (index % 2) * DAY_MS
    return {**row, "workflow_id": f"foreign-{batch}-{index}", "run_id": f"{batch}-{index}", "closed_at": closed_at}


def _as_arrow(table: Table, iceberg: IcebergTable, rows: list[dict]) -> pa.Table:
    missing = dict.fromkeys(column.name for column in table.contract.columns)
    named = dict.fromkeys(table.contract.unknown, "pyiceberg")
    written = [{name: _written(table, name, value) for name, value in {**missing, **row, **named}.items()} for row in rows]
    return pa.Table.from_pylist(written, schema=iceberg.schema().as_arrow())


def _written(table: Table, name: str, value: object) -> object:
    if value is not None and name in table.contract.json:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    column = next(column for column in table.contract.columns if column.name == name)
    if value is not None and column.type == "timestamptz":
        return datetime.datetime.fromtimestamp(0, datetime.timezone.utc) + datetime.timedelta(milliseconds=value)
    return value


report("pyiceberg-append", check)
