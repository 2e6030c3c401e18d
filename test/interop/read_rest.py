"""PyIceberg through the REST catalog, files over S3."""
from checks import Checks, report
from examples import attach
from job import Job
from provenance import check_provenance
from table_checks import check_table


def check(checks: Checks, job: Job) -> None:
    shown: dict = {}
    exec(attach(job, "pyiceberg.py"), shown)
    catalog = shown["catalog"]
    for table in job.tables:
        namespace = tuple(table.identifier.split(".")[:-1])
        checks.that(f"{table.name}: its namespace is listed", namespace in catalog.list_namespaces())
        checks.that(f"{table.name}: is listed", (*namespace, table.name) in catalog.list_tables(namespace))
        checks.that(f"{table.name}: exists", catalog.table_exists(table.identifier))
        iceberg = catalog.load_table(table.identifier)
        check_table(checks, iceberg, table)
        check_provenance(checks, job, iceberg, table)


report("pyiceberg-rest", check)
