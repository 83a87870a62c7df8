"""Errors about people: roles that do not exist, that are listed twice, that cannot decide."""

from __future__ import annotations

from collections.abc import Iterator

from salesflow.playbook._parts import Part, criteria, each, implicit, named, roles_named
from salesflow.playbook._shape import Log


def check_people(document: Part, log: Log) -> None:
    """Note every mistake about roles: who does, permits, waives, judges and decides."""
    roles = {**named(document["roles"]), **implicit(document, "roles")}
    for path, role in roles_named(document):
        if role not in roles:
            log.unknown(path, "role", role, roles)
    for path, listed in _lists(document):
        for i, key in enumerate(listed):
            if key is not None and key in listed[:i]:
                log.add(f"{path}[{i}]", f'"{key[:60]}" is listed twice', "keep one", "duplicate")
    for path, stage in each(document["stages"], "stages"):
        seen: set[str] = set()
        for at, duty in each(stage["duties"], f"{path}.duties"):
            if duty["role"] is not None and duty["role"] in seen:
                log.add(f"{at}.role", f'"{duty["role"]}" is listed twice', "join them", "duplicate")
            seen.add(duty["role"])
    for path, part in criteria(document):
        if part["judgement"] is not None:
            _judgement(part["judgement"], f"{path}.judgement", log)


def _lists(document: Part) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    """Every list of roles, with its path."""
    for name, permit in (document["policy"] or {}).items():
        yield f"policy.{name}", permit.roles
    for path, part in criteria(document):
        if part["waive"] is not None:
            yield f"{path}.waive", part["waive"].roles
        if part["judgement"] is not None:
            yield f"{path}.judgement.roles", part["judgement"]["roles"]


def _judgement(part: Part, path: str, log: Log) -> None:
    roles, quorum, decides = part["roles"], part["quorum"], part["decides"]
    if isinstance(quorum, int) and quorum > len(roles) > 0:
        count = "one role judges" if len(roles) == 1 else f"{len(roles)} roles judge"
        log.add(
            f"{path}.quorum",
            f"{quorum} must say go, but only {count}",
            'lower it, add roles, or write "all"',
            "unreachable",
        )
    if decides is not None:
        if decides not in roles:
            log.unknown(f"{path}.decides", "role among those that judge", decides, roles)
        if quorum != "all":
            log.add(path, "quorum and decides exclude each other", "keep one", "conflict")
