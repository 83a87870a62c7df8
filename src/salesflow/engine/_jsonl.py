"""Events as JSON Lines: one event a line, for any store that keeps text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from pydantic import ValidationError

from salesflow._arguments import describe, refuse
from salesflow.engine._fold import listed
from salesflow.engine._upcast import upcast
from salesflow.engine.events import SCHEMA_VERSION, Event
from salesflow.errors import EventError, Problem
from salesflow.playbook._read import KeysOnce

_MAX_LINE: Final = 1_000_000
_MAX_PROBLEMS: Final = 100


def write_events(events: Iterable[Event]) -> str:
    """One line of JSON per event, each ending in a line feed.

    Raises:
        ArgumentError: `events` holds something else.
    """
    return "".join([f"{event.model_dump_json()}\n" for event in listed(events)])


def read_events(lines: str | Iterable[str]) -> tuple[Event, ...]:
    """The events in a text of JSON Lines, or in the lines of one; blank lines are skipped.

    Raises:
        ArgumentError: `lines` is bytes, or cannot be read line by line.
        EventError: Some lines are not events of ours; `problems` lists them by number.
    """
    given: object = lines
    if isinstance(given, bytes | bytearray) or not isinstance(given, Iterable):
        refuse("lines", "a text or a list of lines", given, 'decode bytes: data.decode("utf-8")')
    events = []
    problems: list[Problem] = []
    if isinstance(lines, str):
        lines = lines.removeprefix("\ufeff")
    rows: Iterable[object] = lines.split("\n") if isinstance(lines, str) else lines
    for number, line in enumerate(rows, 1):
        if not isinstance(line, str):
            problems.append(
                Problem("", f"it is {describe(line)}, not a str", code="type", line=number)
            )
            continue
        if not line.strip():
            continue
        if len(problems) >= _MAX_PROBLEMS:
            problems.append(Problem("", "there may be more", hint="correct these first"))
            break
        event = _read(line, number, problems)
        if event is not None:
            events.append(event)
    if problems:
        raise EventError("Some lines are not events that can be read.", problems=problems)
    return tuple(events)


def _read(line: str, number: int, problems: list[Problem]) -> Event | None:
    if len(line) > _MAX_LINE:
        message = "it is longer than any event"
        problems.append(Problem("", message, code="too_long", line=number))
        return None
    try:
        once = KeysOnce()
        stored: Any = json.loads(line, object_pairs_hook=once)
        version = stored.get("schema_version")
        if once.twice:
            problems += [
                Problem("", f'the key "{key}" is given twice', "keep one", "duplicate", line=number)
                for key in once.twice
            ]
            return None
        if type(version) is int and version > SCHEMA_VERSION:
            problems.append(
                Problem(
                    "",
                    f"it has schema version {version}; this release reads up to {SCHEMA_VERSION}",
                    hint="upgrade salesflow",
                    code="schema_version",
                    line=number,
                )
            )
            return None
        if type(version) is int and version in range(1, SCHEMA_VERSION):
            return Event.model_validate_json(json.dumps(upcast(stored, version)))
        return Event.model_validate_json(line)
    except ValidationError as error:
        problems.extend(
            Problem(
                ".".join(str(part) for part in item["loc"]) or "event",
                item["msg"],
                code=item["type"],
                line=number,
            )
            for item in error.errors()
        )
    except (ValueError, AttributeError, RecursionError):
        problems.append(
            Problem("", "it is not a JSON object", "one event a line", "json", line=number)
        )
    return None
