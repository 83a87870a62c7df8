"""Walks over a document: every part with its path. Parts that could not be read are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from salesflow.text import Text

# What a document's table holds is known from `_document`; a type for each would say it twice.
Part: TypeAlias = dict[str, Any]

ENDED: Final = "ended"
"""Where a move leads that ends the process."""
_GATES: Final = ("entry", "exit")


def each(parts: tuple[Part | None, ...], path: str) -> Iterator[tuple[str, Part]]:
    """The entries of a list, with their paths."""
    for i, part in enumerate(parts):
        if part is not None:
            yield f"{path}[{i}]", part


def positions(document: Part) -> Iterator[tuple[str, Part, Part | None]]:
    """Where a deal can be, in order: path, stage, sub-stage."""
    for path, stage in each(document["stages"], "stages"):
        inside = False
        for sub_path, sub_stage in each(stage["sub_stages"], f"{path}.sub_stages"):
            inside = True
            yield sub_path, stage, sub_stage
        if not inside:
            yield path, stage, None


def criteria(document: Part) -> Iterator[tuple[str, Part]]:
    """Every criterion, of stages, of sub-stages and of moves."""
    for path, stage in each(document["stages"], "stages"):
        for gate in _GATES:
            yield from each(stage[gate], f"{path}.{gate}")
        for sub_path, sub_stage in each(stage["sub_stages"], f"{path}.sub_stages"):
            for gate in _GATES:
                yield from each(sub_stage[gate], f"{sub_path}.{gate}")
    for path, move in each(document["moves"], "moves"):
        yield from each(move["criteria"], f"{path}.criteria")


def rules(document: Part) -> Iterator[tuple[str, Part, str]]:
    """Every place for a rule that is filled: path, the table it is in, its key there."""
    found: list[tuple[str, Part, str]] = [(path, part, "rule") for path, part in criteria(document)]
    found += [(path, part, "rule") for path, part in each(document["moves"], "moves")]
    found += [(path, part, "when") for path, part in each(document["size_policy"], "size_policy")]
    for path, card in each(document["scorecards"], "scorecards"):
        found += [
            (item_path, item, "rule") for item_path, item in each(card["items"], f"{path}.items")
        ]
    return ((f"{path}.{key}", part, key) for path, part, key in found if part[key] is not None)


def named(parts: tuple[Part | None, ...]) -> dict[str, Part]:
    """The entries of a list by key; of two with one key, the first."""
    found: dict[str, Part] = {}
    for part in parts:
        if part is not None and part["key"] is not None:
            found.setdefault(part["key"], part)
    return found


def roles_named(document: Part) -> Iterator[tuple[str, str]]:
    """Every place that names a role: path, and the role."""
    found: list[tuple[str, str | None]] = [("owner_role", document["owner_role"])]
    for name, permit in (document["policy"] or {}).items():
        found += _roles_in(permit.roles, f"policy.{name}")
    for path, part in criteria(document):
        found.append((f"{path}.by", part["by"]))
        if part["waive"] is not None:
            found += _roles_in(part["waive"].roles, f"{path}.waive")
        if part["judgement"] is not None:
            found += _roles_in(part["judgement"]["roles"], f"{path}.judgement.roles")
    for path, stage in each(document["stages"], "stages"):
        duties = each(stage["duties"], f"{path}.duties")
        found += [(f"{at}.role", duty["role"]) for at, duty in duties]
    found += [(f"{at}.role", part["role"]) for at, part in each(document["cadences"], "cadences")]
    return ((path, key) for path, key in found if key is not None)


def _roles_in(listed: tuple[str | None, ...], path: str) -> list[tuple[str, str | None]]:
    return [(f"{path}[{i}]", key) for i, key in enumerate(listed)]


def implicit(document: Part, what: str) -> dict[str, str]:
    """Roles or instruments that are used where none is declared: key, and path of the first use.

    A short playbook need not declare the roles and instruments it names; as soon as it declares
    one, it declares all.
    """
    if document[what]:
        return {}
    used: dict[str, str] = {}
    if what == "roles":
        for path, key in roles_named(document):
            used.setdefault(key, path)
    else:
        for path, part in each(document["size_policy"], "size_policy"):
            for i, key in enumerate(part["instruments"]):
                used.setdefault(key, f"{path}.instruments[{i}]")
    return used


def title_of(key: str) -> Text:
    """The title of something that was given none.

    Example:
        >>> title_of("opportunity_plan").en
        'Opportunity plan'
    """
    return Text(en=key.replace("_", " ").strip().capitalize() or key)
