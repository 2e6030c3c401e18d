"""What a reader found, counted and told: details of a failure on stderr, one line of JSON on stdout at the end."""
import json
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager

import pyarrow as pa

from job import Job, Table, read_job

DETAILS = 3


class Checks:
    def __init__(self) -> None:
        self.count = 0
        self.rows = 0
        self.failed: list[str] = []

    def that(self, what: str, holds: bool, detail: object = "") -> None:
        self.count += 1
        if not holds:
            self.failed.append(what)
            print(f"  {what}: {detail}", file=sys.stderr)

    def equal(self, what: str, actual: object, expected: object) -> None:
        self.that(what, actual == expected, f"{_short(actual)} is not {_short(expected)}")

    def same_rows(self, what: str, table: Table, actual: pa.Table, expected: list[dict]) -> None:
        """Every row expected once, no other, and every column that is known of it equal."""
        found = [_plain(table, row) for row in _exact(actual).to_pylist()]
        self.rows += len(found)
        self.equal(f"{what}: count", len(found), len(expected))
        by_key = {_key(table, row): row for row in found}
        self.equal(f"{what}: distinct keys", len(by_key), len(found))
        wrong = [text for row in expected for text in _differences(by_key.get(_key(table, row)), row)]
        self.that(f"{what}: every row as recorded", not wrong, "\n    ".join([f"{len(wrong)} differ", *wrong[:DETAILS]]))
        unnamed = [row for row in found if any(not row[name] for name in table.contract.unknown)]
        self.that(f"{what}: archive batch named", not unnamed, unnamed[:DETAILS])


@contextmanager
def _reported(reader: str):
    checks = Checks()
    try:
        yield checks
    except Exception:  # a reader that cannot go on is a failed check with its trace, and the other readers still run
        traceback.print_exc()
        checks.failed.append("ended early")
    ok = not checks.failed and checks.count > 0
    report = {"reader": reader, "checks": checks.count, "rows": checks.rows, "ok": ok, "failed": checks.failed}
    print(json.dumps(report))
    sys.exit(0 if ok else 1)


def report(reader: str, check: Callable[[Checks, Job], None]) -> None:
    with _reported(reader) as checks:
        check(checks, read_job())


def _exact(table: pa.Table) -> pa.Table:
    """Timestamps as microseconds: a datetime would do, but its float arithmetic invites rounding."""
    for index, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            micros = table.column(index).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
            table = table.set_column(index, field.name, micros)
    return table


def _plain(table: Table, row: dict) -> dict:
    """As the driver writes rows: times in epoch milliseconds, JSON parsed."""
    plain = dict(row)
    for column in table.contract.columns:
        value = row[column.name]
        if value is None:
            continue
        if column.type == "timestamptz":
            plain[column.name] = value // 1000 if value % 1000 == 0 else f"{value} µs"
        elif column.name in table.contract.json:
            plain[column.name] = json.loads(value)
    return plain


def _key(table: Table, row: dict) -> tuple:
    return tuple(row[name] for name in table.contract.identifier)


def _differences(found: dict | None, expected: dict) -> list[str]:
    if found is None:
        return [f"missing: {_short(expected)}"]
    return [
        f"{expected['workflow_id']} {name}: {_short(found[name])} is not {_short(value)}"
        for name, value in expected.items()
        if found[name] != value
    ]


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
