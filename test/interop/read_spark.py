"""Spark, the reference implementation in Java: reads both tables through the REST catalog, rewrites their files, reads again."""
import os
import sys
from pathlib import Path

# Before the JVM starts: its AWS SDK otherwise sends checksums behind the body, where the local S3 endpoint does not look.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "WHEN_REQUIRED"
os.environ["PYSPARK_PYTHON"] = sys.executable

from pyspark.sql import SparkSession  # noqa: E402

from checks import Checks, report  # noqa: E402
from examples import attach, check_durations, check_revenue, statement  # noqa: E402
from job import Job, Table  # noqa: E402


def check(checks: Checks, job: Job) -> None:
    spark = _session(job)
    try:
        for table in job.tables:
            _check(checks, spark, table, "as written")
            _check_metadata_tables(checks, spark, table)
        check_durations(checks, spark.sql(statement("spark/slowest-types")).collect(), job.all_executions())
        check_revenue(checks, spark.sql(statement("spark/revenue-per-country")).collect(), job.all_executions())
        for table in job.tables:
            _rewrite(checks, spark, table)
            _check(checks, spark, table, "rewritten")
    finally:
        spark.stop()


def _session(job: Job) -> SparkSession:
    shown = [line.split(maxsplit=1) for line in attach(job, "spark-defaults.conf").splitlines() if not line.startswith("#")]
    settings = {
        **{name: value.strip() for name, value in shown},
        "spark.jars": ",".join(str(jar) for jar in sorted(Path(sys.argv[2]).glob("*.jar"))),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]").appName("perdure-interop")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _check(checks: Checks, spark: SparkSession, table: Table, when: str) -> None:
    expected = table.rows()
    what = f"{table.name}, {when}"
    rows = spark.table(f"perdure.{table.identifier}")
    checks.same_rows(f"{what}: all rows", table, rows.toArrow(), expected)
    workflow_id = min(row["workflow_id"] for row in expected)
    found = rows.where(rows.workflow_id == workflow_id).toArrow()
    checks.same_rows(f"{what}: rows of {workflow_id}", table, found, [r for r in expected if r["workflow_id"] == workflow_id])


def _check_metadata_tables(checks: Checks, spark: SparkSession, table: Table) -> None:
    (rows,) = spark.sql(f"SELECT sum(record_count) FROM perdure.{table.identifier}.files").first()
    checks.equal(f"{table.name}: rows of its files", rows, len(table.rows()))
    history = spark.sql(f"SELECT count(*), sum(int(is_current_ancestor)) FROM perdure.{table.identifier}.history").first()
    checks.equal(f"{table.name}: every snapshot is an ancestor", history[0], history[1])


def _rewrite(checks: Checks, spark: SparkSession, table: Table) -> None:
    before = spark.sql(f"SELECT count(*) FROM perdure.{table.identifier}.files").first()[0]
    done = spark.sql(
        f"CALL perdure.system.rewrite_data_files(table => '{table.identifier}', strategy => 'sort', options => map('rewrite-all', 'true'))"
    ).first()
    checks.equal(f"{table.name}: files rewritten", done["rewritten_data_files_count"], before)
    after = spark.sql(f"SELECT count(*) FROM perdure.{table.identifier}.files").first()[0]
    checks.equal(f"{table.name}: files afterwards", after, done["added_data_files_count"])


report("spark", check)
