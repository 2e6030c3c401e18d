"""Requests as a caller would make them: of runs, schedules and messages that are there, and without long waits.

What is replaced is decided by the value that was made up, so that the same seed sends the same requests. One of four
stays as it is.
"""

import json
import re

import schemathesis

MOST_MS = 5
KNOWN = {
    "workflowId": ["w-1", "w-2", "w-3"],
    "scheduleId": ["s-1", "s-2"],
    "updateId": ["u-1"],
    "taskQueue": ["pulled"],
    "workflowType": ["refund"],
    "idPrefix": ["w-"],
    "spec": [{"every": "1h"}, {"cron": "0 3 * * *", "timeZone": "Europe/Paris"}],
    "searchAttributes": [{"customer": "c-7"}],
    "retry": [{"maxAttempts": 2}],
}
MESSAGES = {"signals": ["approved"], "queries": ["state"], "updates": ["raise"]}
LEFT_OUT = ["version", "runId", "firstRunId", "traceparent", "cursor"]
RUN_ID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")


def chance(value):
    return sum(str(value).encode()) % 4


def short(ms):
    """Whatever the engine takes for a number: 16444.0 is an integer, and "16444" is one in a query."""
    try:
        return MOST_MS if float(ms) > MOST_MS else ms
    except (OverflowError, TypeError, ValueError):
        return ms


def known(fields, names):
    """With what is there in the place of what was made up."""
    for name, choices in names.items():
        if name in fields and chance(fields[name]) > 0:
            fields[name] = choices[chance(fields[name]) % len(choices)]
    for name in LEFT_OUT:
        if name in fields and chance(fields[name]) > 0:
            del fields[name]
    if "waitMs" in fields:
        fields["waitMs"] = short(fields["waitMs"])
    if RUN_ID.fullmatch(str(fields.get("runId", ""))):
        del fields["runId"]  # that of a start is answered by `target`, and one that is made up is refused with a 503
    for value in list(fields.values()):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                known(part, names)


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if path_parameters:
        path = context.operation.path if context.operation else ""
        own = next((names for kind, names in MESSAGES.items() if f"/{kind}/" in path), None)
        names = {**KNOWN, "name": own} if own else KNOWN
        run = path_parameters.get("runId")
        known(path_parameters, names)
        if run is not None:
            path_parameters["runId"] = run
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    if query:
        if len(str(query.get("namespace", ""))) > 1 or chance(query.get("namespace", "")) > 0:
            query.pop("namespace", None)  # each would have objects of its own, and nothing in them
        known(query, KNOWN)
        if isinstance(query.get("searchAttributes"), dict):
            query["searchAttributes"] = json.dumps(query["searchAttributes"])
    return query


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict):
        known(body, KNOWN)
    return body


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.operation.path.endswith("/events"):
        case.query = {**(case.query or {}), "live": "false"}  # a stream that ends


@schemathesis.deserializer("application/x-ndjson")
def lines(context, response):
    """Each line is of the schema; the first stands for all of them."""
    return json.loads(response.text.split("\n")[0])
