"""What a playbook declares and nothing in it uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from salesflow.errors import Problem
from salesflow.playbook._document import facts_read, references
from salesflow.playbook._parts import RawTable, criteria, forms_of, given_facts, groups_used, named
from salesflow.playbook._problem_log import warning
from salesflow.playbooks import CHECKLISTS

_SHOWN: Final = 8


def unused(document: RawTable) -> Iterator[Problem]:
    """Roles, facts, instruments, checklists and scorecards that nothing speaks of.

    Checklists and scorecards of the package are for use as they are, by those who answer them.
    """
    read = facts_read(document)
    spoken_of: dict[str, set[str]] = {}
    for _, what, name in references(document):
        spoken_of.setdefault(what, set()).add(name)
    begun = {name.partition(".")[0] for name in read}
    cards = {name.split(".")[1] for name in read if name.startswith("score.")}
    roles = spoken_of.get("role", set()) | {name.removeprefix("approval.") for name in read}
    tools = spoken_of.get("instrument", set()) | {name.removeprefix("done.") for name in read}
    tools |= {str(it["criterion"]) for it in document.tables("cadences")}
    kinds = (
        ("roles", "role", roles, "give it something to do"),
        ("instruments", "instrument", tools, "ask for it in [[size_policy]] or in a rule"),
        ("checklists", "checklist", spoken_of.get("checklist", set()) | begun, "read it in a rule"),
        ("scorecards", "scorecard", spoken_of.get("scorecard", set()) | cards, "decide by it"),
    )
    for item in document.tables("facts"):
        # One with a title is for people, who enter and see it whether a rule reads it or not.
        if item.name("name") not in read and item["title"] is None:
            message = f'no rule reads the fact "{item["name"]}", and it has no title for people'
            hint = "read it in a rule, give it a title, or leave it out"
            yield warning(item.path, message, hint, "unused")
    groups = {group.key: group for group in groups_used(document)}
    filled = {form["record"] for form in forms_of(document)}
    for path, key in document.names_at("use_records"):
        if key not in filled and read.isdisjoint(fact.name for fact in groups[key].facts):
            message = f'no rule reads a fact of the records "{key}"'
            yield warning(path, message, "read one in a rule, or leave the group out", "unused")
    for key, noun, used, hint in kinds:
        for item in document.tables(key):
            name = str(item["key"])
            if name not in used and name not in CHECKLISTS:
                message = f'nothing uses the {noun} "{name}"'
                yield warning(item.path, message, f"{hint}, or leave it out", "unused")


def doubts_of_approvals(document: RawTable) -> Iterator[Problem]:
    """Approval policies that nothing uses, and approvals that outlive what they were given for."""
    policies = named(document.tables("approvals"))
    asked = {key: item for item in criteria(document) if (key := item.name("approval"))}
    for key, policy in policies.items():
        if key not in asked:
            hint = f'add a criterion with approval = "{key}", or remove it'
            yield warning(policy.path, "no criterion asks for these approvals", hint, "unused")
    given = given_facts(document)
    for criterion in criteria(document):
        asked_by = policies.get(criterion.name("approval") or "")
        if asked_by is None:
            continue
        rules = [row.rule("when") for row in asked_by.tables("rows")]
        read = {name for rule in rules if rule for name in rule.facts}
        open_ended = sorted((read & given) - {*criterion.names("lapses_on")})
        if open_ended:
            names = ", ".join(f'"{name}"' for name in open_ended[:_SHOWN])
            yield warning(
                criterion.path,
                f"what is approved stays approved when {names} changes",
                f"add lapses_on = [{names}]",
                "outlived",
            )
