"""
The files themselves, by fastavro and pyarrow and the table specification: no Iceberg library reads along.

Every manifest list and manifest decodes, its schema names every field by the id that the specification gives it, and
what it says of a data file (counts, sizes, bounds) is so. A bound that is too tight loses rows in every engine that prunes.
"""
import json
from pathlib import Path

import fastavro
import pyarrow.parquet as parquet

from bounds import check_bounds
from checks import Checks, report
from job import Job, Table

MANIFEST_FILE = {
    "manifest_path": 500, "manifest_length": 501, "partition_spec_id": 502, "content": 517, "sequence_number": 515,
    "min_sequence_number": 516, "added_snapshot_id": 503, "added_files_count": 504, "existing_files_count": 505,
    "deleted_files_count": 506, "added_rows_count": 512, "existing_rows_count": 513, "deleted_rows_count": 514,
}  # fmt: skip
MANIFEST_ENTRY = {"status": 0, "snapshot_id": 1, "sequence_number": 3, "file_sequence_number": 4, "data_file": 2}
DATA_FILE = {
    "content": 134, "file_path": 100, "file_format": 101, "partition": 102, "record_count": 103, "file_size_in_bytes": 104,
}  # fmt: skip
DATA_FILE_OPTIONAL = {
    "column_sizes": 108, "value_counts": 109, "null_value_counts": 110, "nan_value_counts": 137, "lower_bounds": 125,
    "upper_bounds": 128, "key_metadata": 131, "split_offsets": 132, "equality_ids": 135, "sort_order_id": 140,
}  # fmt: skip
MAP_IDS = {108: (117, 118), 109: (119, 120), 110: (121, 122), 137: (138, 139), 125: (126, 127), 128: (129, 130)}
DELETED = 2


def check(checks: Checks, job: Job) -> None:
    for table in job.tables:
        metadata = _current_metadata(table)
        snapshots = metadata.get("snapshots", [])
        decoded: dict[str, list[dict]] = {}
        for snapshot in snapshots:
            for manifest in _manifests(checks, job, table, snapshot):
                path = manifest["manifest_path"]
                if path not in decoded:
                    decoded[path] = _entries(checks, job, table, manifest)
        checks.that(f"{table.name}: has manifests", bool(decoded))
        current = next(s for s in snapshots if s["snapshot-id"] == metadata["current-snapshot-id"])
        _check_data(checks, job, table, current, decoded)


def _current_metadata(table: Table) -> dict:
    stem = (table.directory / "metadata/version-hint.text").read_text(encoding="utf-8")
    return json.loads((table.directory / f"metadata/{stem}.metadata.json").read_text(encoding="utf-8"))


def _manifests(checks: Checks, job: Job, table: Table, snapshot: dict) -> list[dict]:
    path = job.copied(snapshot["manifest-list"])
    what = f"{table.name}: {path.name}"
    schema, header, manifests = _decode(path)
    _check_ids(checks, what, schema, MANIFEST_FILE)
    checks.equal(f"{what}: snapshot-id", header.get("snapshot-id"), str(snapshot["snapshot-id"]))
    checks.equal(f"{what}: format-version", header.get("format-version"), "2")
    for manifest in manifests:
        length = job.copied(manifest["manifest_path"]).stat().st_size
        checks.equal(f"{what}: manifest_length", manifest["manifest_length"], length)
    return manifests


def _entries(checks: Checks, job: Job, table: Table, manifest: dict) -> list[dict]:
    path = job.copied(manifest["manifest_path"])
    what = f"{table.name}: {path.name}"
    schema, header, entries = _decode(path)
    _check_ids(checks, what, schema, MANIFEST_ENTRY)
    data_file = _record(schema, "data_file")
    _check_ids(checks, f"{what}: data_file", data_file, DATA_FILE)
    _check_optional_ids(checks, what, data_file)
    _check_header(checks, what, header, table)
    counts = [sum(1 for entry in entries if entry["status"] == status) for status in range(3)]
    told = [manifest[f"{word}_files_count"] for word in ("existing", "added", "deleted")]
    checks.equal(f"{what}: files by status", counts, told)
    rows = [sum(e["data_file"]["record_count"] for e in entries if e["status"] == status) for status in range(3)]
    checks.equal(f"{what}: rows by status", rows, [manifest[f"{word}_rows_count"] for word in ("existing", "added", "deleted")])
    return entries


def _check_header(checks: Checks, what: str, header: dict[str, str], table: Table) -> None:
    checks.equal(f"{what}: format-version", header.get("format-version"), "2")
    checks.equal(f"{what}: content", header.get("content", "data"), "data")
    spec = json.loads(header["partition-spec"])
    checks.equal(f"{what}: partition-spec", [field["name"] for field in spec], [table.contract.partition[0]])
    ids = [field["id"] for field in json.loads(header["schema"])["fields"]]
    checks.equal(f"{what}: schema", ids, [column.id for column in table.contract.columns])


def _check_data(checks: Checks, job: Job, table: Table, snapshot: dict, decoded: dict[str, list[dict]]) -> None:
    _, _, manifests = _decode(job.copied(snapshot["manifest-list"]))
    live = [entry for m in manifests for entry in decoded[m["manifest_path"]] if entry["status"] != DELETED]
    paths = [entry["data_file"]["file_path"] for entry in live]
    checks.equal(f"{table.name}: no file twice", len(set(paths)), len(paths))
    for entry in live:
        file = entry["data_file"]
        path = job.copied(file["file_path"])
        what = f"{table.name}: {path.name}"
        checks.equal(f"{what}: size", file["file_size_in_bytes"], path.stat().st_size)
        rows = parquet.read_table(path, partitioning=None)
        checks.rows += rows.num_rows
        checks.equal(f"{what}: records", file["record_count"], rows.num_rows)
        ids = {name: int(field.metadata[b"PARQUET:field_id"]) for field in rows.schema for name in [field.name]}
        checks.equal(f"{what}: field ids", ids, {column.name: column.id for column in table.contract.columns})
        check_bounds(checks, what, table, file, rows)
    checks.equal(f"{table.name}: rows of live files", str(sum(e["data_file"]["record_count"] for e in live)), snapshot["summary"]["total-records"])


def _decode(path: Path) -> tuple[dict, dict[str, str], list[dict]]:
    with path.open("rb") as file:
        reader = fastavro.reader(file)
        rows = list(reader)
        schema = json.loads(reader.metadata["avro.schema"])
        return schema, reader.metadata, rows


def _check_ids(checks: Checks, what: str, record: dict, ids: dict[str, int]) -> None:
    found = {field["name"]: field.get("field-id") for field in record["fields"]}
    checks.equal(f"{what}: field ids", {name: found.get(name) for name in ids}, ids)


def _check_optional_ids(checks: Checks, what: str, data_file: dict) -> None:
    for field in data_file["fields"]:
        if (id_ := DATA_FILE_OPTIONAL.get(field["name"])) is None:
            continue
        checks.equal(f"{what}: id of {field['name']}", field.get("field-id"), id_)
        type_ = next((t for t in field["type"] if t != "null"), None)
        if id_ in MAP_IDS and isinstance(type_, dict):
            pair = {part["name"]: part.get("field-id") for part in type_["items"]["fields"]}
            checks.equal(f"{what}: ids in {field['name']}", (pair["key"], pair["value"]), MAP_IDS[id_])
            checks.equal(f"{what}: {field['name']} is a map", type_.get("logicalType"), "map")


def _record(schema: dict, name: str) -> dict:
    return next(field["type"] for field in schema["fields"] if field["name"] == name)


report("fastavro", check)
