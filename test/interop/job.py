"""The job that the driver wrote for the readers: where the tables are, and which rows they must hold."""
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlparse

from contract import CONTRACTS, Contract

# The AWS SDK inside pyarrow otherwise uploads without a length, which the local S3 endpoint refuses.
os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")


@dataclass(frozen=True)
class Table:
    name: str
    #: As catalogs have it: `durable.workflow_history`.
    identifier: str
    location: str
    #: The table's directory in the local copy of the bucket.
    directory: Path
    #: What the engine recorded, a row a line; what others have appended since.
    expected: Path
    appended: Path
    contract: Contract

    def rows(self) -> list[dict]:
        return read_rows(self.expected) + (read_rows(self.appended) if self.appended.exists() else [])


@dataclass(frozen=True)
class Job:
    #: Properties of a REST catalog, those of its files included.
    catalog: dict[str, str]
    #: `<copy>/<bucket>/<key>` is the local copy of an object.
    copy: Path
    tables: tuple[Table, ...]
    #: By table, how often the archiver has compacted it.
    compactions: dict[str, int]

    def executions(self) -> list[dict]:
        """What the engine recorded of its runs."""
        (table,) = (table for table in self.tables if table.name == "workflow_executions")
        return read_rows(table.expected)

    def all_executions(self) -> list[dict]:
        """With those that others have appended."""
        (table,) = (table for table in self.tables if table.name == "workflow_executions")
        return table.rows()

    def copied(self, location: str) -> Path:
        return self.copy / _path(location)


def read_job() -> Job:
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    copy = Path(job["copy"])
    tables = tuple(
        Table(
            name=table["name"],
            identifier=f"{table['namespace']}.{table['name']}",
            location=table["location"],
            directory=copy / _path(table["location"]),
            expected=Path(table["expected"]),
            appended=Path(table["appended"]),
            contract=CONTRACTS[table["name"]],
        )
        for table in job["tables"]
    )
    return Job(job["catalog"], copy, tables, job["compactions"])


def read_rows(file: Path) -> list[dict]:
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _path(location: str) -> str:
    uri = urlparse(location)
    return f"{uri.netloc}{uri.path}"
