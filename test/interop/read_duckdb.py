"""DuckDB: a reader of Iceberg in C++, from a copy of the directory, and attached to the REST catalog."""
from pathlib import Path

import duckdb
import duckdb_ext

from checks import Checks, report
from examples import attach, check_durations, check_revenue, statement
from job import Job, Table


def check(checks: Checks, job: Job) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for extension in ("avro", "httpfs", "iceberg"):
        connection.execute(f"LOAD '{_installed(extension)}'")
    for table in job.tables:
        path = f"iceberg_scan('{table.directory}', allow_moved_paths = true)"
        _check(checks, connection, table, "directory", path)
    connection.execute(attach(job, "duckdb.sql"))
    for table in job.tables:
        _check(checks, connection, table, "attached", f"perdure.{table.identifier}")
    connection.execute("USE perdure.durable")
    check_durations(checks, connection.execute(statement("slowest-types")).fetchall(), job.all_executions())
    check_revenue(checks, connection.execute(statement("revenue-per-country")).fetchall(), job.all_executions())


def _installed(extension: str) -> Path:
    (folder,) = duckdb_ext.__path__  # files only: wheels of extensions, for a machine that downloads nothing else
    return next(Path(folder).glob(f"extensions/v{duckdb.__version__}/*/{extension}.duckdb_extension"))


def _check(checks: Checks, connection: duckdb.DuckDBPyConnection, table: Table, how: str, source: str) -> None:
    expected = table.rows()
    what = f"{table.name}, {how}"
    checks.same_rows(f"{what}: all rows", table, _arrow(connection, f"SELECT * FROM {source}"), expected)
    workflow_id = min(row["workflow_id"] for row in expected)
    found = _arrow(connection, f"SELECT * FROM {source} WHERE workflow_id = '{workflow_id}'")
    checks.same_rows(f"{what}: rows of {workflow_id}", table, found, [r for r in expected if r["workflow_id"] == workflow_id])
    closed_at = max(row["closed_at"] for row in expected)
    found = _arrow(connection, f"SELECT * FROM {source} WHERE closed_at >= make_timestamptz({closed_at} * 1000)")
    checks.same_rows(f"{what}: rows since {closed_at}", table, found, [r for r in expected if r["closed_at"] >= closed_at])


def _arrow(connection: duckdb.DuckDBPyConnection, sql: str):
    return connection.execute(sql).fetch_arrow_table()


report("duckdb", check)
