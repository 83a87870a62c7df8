"""Deals as rows of a frame, and what both say to the rules of a playbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import Any, Final

from salesflow.playbook import Playbook
from salesflow.rules import Rule
from salesflow.testing._errors import CheckSkipped

Columns = dict[str, list[Any]]

KEY: Final = "opportunity_id"
_LIBRARIES: Final = ("polars", "pandas", "pyarrow")


def rules_of(playbook: Playbook) -> dict[str, Rule]:
    """Every rule of a playbook that asks something about a deal, by a name for it."""
    found: dict[str, Rule] = {}
    for key, criterion in playbook.criteria.items():
        found[f"criterion {key}"] = criterion.check_rule
        if criterion.when is not None:
            found[f"when {key} applies"] = criterion.when
    for key, instrument in playbook.instruments.items():
        if instrument.check_rule is not None:
            found[f"instrument {key}"] = instrument.check_rule
    for key, rule in playbook.required_instruments.items():
        found[f"required {key}"] = rule
    for move in playbook.moves:
        if move.rule is not None:
            found[f"move {move.source} to {move.target}"] = move.rule
    for key, card in playbook.scorecards.items():
        found |= {f"score {key}.{item.key}": item.rule for item in card.items}
    for key, policy in playbook.approvals.items():
        found |= {f"approval {key}[{at}]": row.when for at, row in enumerate(policy.rows)}
    return found


def columns_of(playbook: Playbook, rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Facts of deals as columns, one a fact, with the number of the deal as its key.

    Points of scorecards are left out: a frame works them out.
    """
    names = [name for name in playbook.facts if not name.startswith("score.")]
    columns: Columns = {KEY: [f"D-{number}" for number in range(len(rows))]}
    return columns | {name: [row.get(name) for row in rows] for name in names}


def differences(
    playbook: Playbook, known: Sequence[Mapping[str, Any]], columns: Columns, on: date
) -> Iterator[str]:
    """Where a frame says something else to a rule of the playbook than the rule itself, in words.

    Args:
        playbook: The process.
        known: The facts of deals, as the engine reads them.
        columns: The same deals as columns, in the same order.
        on: The day on which it is asked.

    Raises:
        CheckSkipped: Frames cannot be checked here.
    """
    frame = _frame(columns)
    rules = rules_of(playbook)
    names = {f"rule_{number}": name for number, name in enumerate(rules)}
    checks = dict(zip(names, rules.values(), strict=True))
    from salesflow import pipeline  # noqa: PLC0415 - an extra that may be missing; told above

    report = pipeline.check_pipeline(frame, playbook, key=KEY, as_of=on, checks=checks)
    wide = _read(report.wide)
    rows = dict(zip(wide[KEY], range(len(known)), strict=True))
    for check, name in names.items():
        if check in report.not_checked:
            yield f"{name}: a frame cannot be asked: {', '.join(report.not_checked[check])}"
            continue
        for number, facts in enumerate(known):
            ours = rules[name].verdict(facts, on).value
            theirs = wide[check][rows[columns[KEY][number]]]
            if ours != theirs:
                seen = {fact: facts.get(fact) for fact in sorted(rules[name].facts)}
                yield f"{name}: the engine says {ours}, a frame {theirs}, of {seen}"
                break


def _frame(columns: Columns) -> Any:  # noqa: ANN401 - whichever is installed
    """A frame in the first library that is installed."""
    for name in _LIBRARIES:
        try:
            library = import_module(name)
            import_module("narwhals.stable.v2")
        except ImportError:
            continue
        if name == "polars":
            return library.DataFrame(columns, strict=False)
        return library.table(columns) if name == "pyarrow" else library.DataFrame(columns)
    raise CheckSkipped(
        "Frames cannot be checked: neither polars nor pandas nor pyarrow is installed.",
        hint='Run: pip install "salesflow[frames]" polars',
    )


def _read(frame: Any) -> Mapping[str, list[Any]]:  # noqa: ANN401 - of whichever library
    """The columns of a frame as lists."""
    if hasattr(frame, "to_pydict"):
        return frame.to_pydict()  # type: ignore[no-any-return]  # of pyarrow
    if hasattr(frame, "to_dicts"):
        return frame.to_dict(as_series=False)  # type: ignore[no-any-return]  # of polars
    return frame.to_dict("list")  # type: ignore[no-any-return]  # of pandas
