"""What is wrong with the content of the key and the stage column, with examples.

Asked only when the counts say that something is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw

from salesflow.errors import Problem, closest
from salesflow.pipeline._frames.inputs import Inputs
from salesflow.playbook import Playbook
from salesflow.rules._values import BLANK
from salesflow.rules.columns import Frame

_EXAMPLES: Final = 5
_LABELS: Final = 50


def problems_of_part(
    inputs: Inputs, labels: Mapping[str, int], playbook: Playbook
) -> list[Problem]:
    """The same where the other one of the two columns is not there, so that no check is made."""
    problems = []
    if inputs.has_key:
        key, lacking = inputs.key_column(), inputs.keyless()
        asked = {"rows": nw.len(), "keys": key.n_unique(), "keyless": lacking.cast(nw.Int64).sum()}
        query = inputs.frame.select(*(expr.alias(name) for name, expr in asked.items()))
        found = query.lazy().collect().rows(named=True)[0]
        missing = int(found["keyless"] or 0)
        if missing or found["keys"] < found["rows"]:
            problems += problems_of_keys(inputs.frame, key, lacking, inputs.key, missing=missing)
    if inputs.has_stage:
        label = inputs.label()
        unknown = ~label.is_in(list(labels)).fill_null(value=False)
        problems += problems_of_labels(inputs.frame, label, unknown, inputs.stage, labels, playbook)
    return problems


def problems_of_keys(
    frame: Frame, key: nw.Expr, lacking: nw.Expr, name: str, *, missing: int
) -> list[Problem]:
    """Keys that are missing, and keys that stand for several rows.

    Args:
        frame: The frame.
        key: Its key.
        lacking: Where the key is missing.
        name: What the caller calls the column.
        missing: How many keys are missing.
    """
    problems = []
    if missing:
        problems.append(
            Problem(name, f"{_rows(missing)} without a key", "every deal needs one", "null_key")
        )
    found = _most(frame.filter(~lacking), key).filter(nw.col("n") > 1)
    rows = _head(found, _EXAMPLES)
    if rows:
        total = found.select(nw.len().alias("n")).lazy().collect()["n"][0]
        shown = ", ".join(f"{row['value']!r} ({row['n']} times)" for row in rows)
        more = ", …" if total > len(rows) else ""
        problems.append(
            Problem(
                name,
                f"{'1 key stands' if total == 1 else f'{total:,} keys stand'} on several rows: "
                f"{shown}{more}",
                "keep one row per deal",
                "duplicate_key",
            )
        )
    return problems


def problems_of_labels(
    frame: Frame,
    label: nw.Expr,
    unknown: nw.Expr,
    name: str,
    labels: Mapping[str, int],
    playbook: Playbook,
) -> list[Problem]:
    """Labels that are no stages, each with the nearest one.

    Args:
        frame: The frame.
        label: Its column of the stage, as texts.
        unknown: Where the label has no place.
        name: What the caller calls the column.
        labels: The labels that have a place.
        playbook: Whose stages.
    """
    known = {label: label for label in labels} | dict(_titles(playbook))
    rows = _head(_most(frame.filter(unknown & ~label.is_null()), label), _LABELS)
    problems = []
    for row in rows:
        value = str(row["value"])
        if not value.strip(BLANK):
            continue
        near = closest(value, known)
        target = known[near] if near else "…"
        problems.append(
            Problem(
                name,
                f"{value!r} is no stage ({_rows(row['n'])})",
                f'say which it is: stages={{"{value}": "{target}"}}',
                "unknown_stage",
            )
        )
    return problems


def _titles(playbook: Playbook) -> Iterator[tuple[str, str]]:
    for stage in playbook.stages:
        named = [(stage.key, stage.title), *((sub.key, sub.title) for sub in stage.sub_stages)]
        for key, title in named:
            for words in (title.en, title.zh):
                if words is not None:
                    yield words, key


def _most(frame: Frame, column: nw.Expr) -> Frame:
    named = frame.select(column.alias("value"))
    return named.group_by("value").agg(nw.len().alias("n"))


def _head(frame: Frame, rows: int) -> list[dict[str, Any]]:
    found = frame.sort("n", "value", descending=[True, False]).head(rows).lazy().collect()
    return found.rows(named=True)


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
