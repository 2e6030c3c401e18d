"""The statistics of a manifest entry against the rows of its file."""
import struct

import pyarrow as pa
import pyarrow.compute as compute

from checks import Checks
from job import Table

DAY_US = 86_400_000_000


def check_bounds(checks: Checks, what: str, table: Table, file: dict, rows: pa.Table) -> None:
    lower, upper = _by_id(file, "lower_bounds"), _by_id(file, "upper_bounds")
    values, nulls = _by_id(file, "value_counts"), _by_id(file, "null_value_counts")
    for column in table.contract.columns:
        data = rows.column(column.name).combine_chunks()
        where = f"{what}: {column.name}"
        if column.id in values:
            checks.equal(f"{where}: values", values[column.id], len(data))
        if column.id in nulls:
            checks.equal(f"{where}: nulls", nulls[column.id], data.null_count)
        least, most = _extremes(data)
        if column.id in lower and least is not None:
            bound = _bound(column.type, lower[column.id])
            checks.that(f"{where}: lower bound", bound <= least, f"{bound!r} > {least!r}")
        if column.id in upper and most is not None:
            bound = _bound(column.type, upper[column.id])
            checks.that(f"{where}: upper bound", bound >= most, f"{bound!r} < {most!r}")
    _check_partition(checks, what, table, file, rows)


def _check_partition(checks: Checks, what: str, table: Table, file: dict, rows: pa.Table) -> None:
    name, _, source = table.contract.partition
    micros = rows.column(source).cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    days = {value // DAY_US for value in micros.to_pylist()}
    told = file["partition"][name]
    day = told if isinstance(told, int) else told.toordinal() - 719_163
    checks.equal(f"{what}: partition", days, {day})


def _by_id(file: dict, name: str) -> dict[int, object]:
    """Maps with number keys are arrays of pairs in Avro."""
    return {pair["key"]: pair["value"] for pair in file.get(name) or []}


def _extremes(data: pa.Array) -> tuple[object, object]:
    """Strings by their UTF-8 bytes, as bounds are compared."""
    if pa.types.is_string(data.type) or pa.types.is_large_string(data.type):
        values = [value.encode() for value in data.to_pylist() if value is not None]
        return (min(values), max(values)) if values else (None, None)
    if pa.types.is_timestamp(data.type):
        data = data.cast(pa.timestamp("us", "UTC")).cast(pa.int64())
    found = compute.min_max(data).as_py()
    return found["min"], found["max"]


def _bound(type_: str, value: bytes) -> object:
    return value if type_ == "string" else struct.unpack("<q", value)[0]
