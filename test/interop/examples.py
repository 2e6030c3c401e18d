"""What docs/guide/analytics.md shows, run against the server of this run instead of `npm run dev`, and what it must answer."""
from itertools import groupby
from pathlib import Path
from urllib.parse import urlparse

from checks import Checks
from job import Job

ANALYTICS = Path(__file__).parents[2] / "examples/analytics"


def attach(job: Job, name: str) -> str:
    """The text of a file that attaches an engine."""
    return (ANALYTICS / "attach" / name).read_text(encoding="utf-8").replace("localhost:8787", urlparse(job.catalog["uri"]).netloc)


def statement(name: str) -> str:
    return (ANALYTICS / f"{name}.sql").read_text(encoding="utf-8")


def check_durations(checks: Checks, rows: list[tuple], executions: list[dict]) -> None:
    """Whole milliseconds, where engines may round a half up or down."""
    found = {name: (runs, p50, p95) for name, runs, p50, p95 in rows}
    wanted = {}
    for name, runs in _grouped(executions, lambda run: run["workflow_type"]):
        ms = sorted(run["closed_at"] - run["started_at"] for run in runs)
        wanted[name] = (len(ms), _percentile(ms, 0.5), _percentile(ms, 0.95))
    checks.equal("durations: types", set(found), set(wanted))
    wrong = [name for name in found if any(abs(a - b) > 0.5 for a, b in zip(found[name], wanted[name], strict=True))]
    checks.that("durations: figures", not wrong, [(found[name], wanted[name]) for name in wrong])


def check_revenue(checks: Checks, rows: list[tuple], executions: list[dict]) -> None:
    found = {country: (orders, shipped, float(revenue)) for country, orders, shipped, revenue in rows}
    orders = [run for run in executions if run["workflow_type"] == "processOrder"]
    wanted = {}
    for country, runs in _grouped(orders, lambda run: run["input"]["shipping"]["country"]):
        shipped = [run for run in runs if (run["result"] or {}).get("trackingNumber") is not None]
        pounds = sum(line["quantity"] * line["unitPrice"] for run in shipped for line in run["input"]["lines"])
        wanted[country] = (len(runs), len(shipped), round(pounds, 2))
    checks.equal("revenue by country", found, wanted)


def _grouped(rows: list[dict], key) -> list[tuple[str, list[dict]]]:
    return [(name, list(group)) for name, group in groupby(sorted(rows, key=key), key)]


def _percentile(ordered: list[int], share: float) -> float:
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
