"""PyIceberg from a copy of the table's directory alone, found by its version hint: no catalog answers."""
from pyiceberg.table import StaticTable

from checks import Checks, report
from copied_io import COPY
from job import Job
from table_checks import check_table


def check(checks: Checks, job: Job) -> None:
    properties = {"py-io-impl": "copied_io.CopiedFileIO", COPY: str(job.copy)}
    for table in job.tables:
        iceberg = StaticTable.from_metadata(str(table.directory), properties)
        checks.equal(f"{table.name}: location", iceberg.location(), table.location)
        check_table(checks, iceberg, table)


report("pyiceberg-directory", check)
