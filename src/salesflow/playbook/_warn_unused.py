"""What a playbook declares and nothing in it uses."""

from __future__ import annotations

from collections.abc import Iterator

from salesflow.errors import Problem
from salesflow.playbook._document import references, rules
from salesflow.playbook._parts import RawTable
from salesflow.playbook._shape import warning
from salesflow.playbooks import CHECKLISTS


def unused(document: RawTable) -> Iterator[Problem]:
    """Roles, facts, instruments, checklists and scorecards that nothing speaks of.

    Checklists and scorecards of the package are for use as they are, by those who answer them.
    """
    read = _facts_read(document)
    named: dict[str, set[str]] = {}
    for _, what, name in references(document):
        named.setdefault(what, set()).add(name)
    begun = {name.partition(".")[0] for name in read}
    cards = {name.split(".")[1] for name in read if name.startswith("score.")}
    roles = named.get("role", set()) | {name.removeprefix("approval.") for name in read}
    tools = named.get("instrument", set()) | {name.removeprefix("done.") for name in read}
    kinds = (
        ("roles", "role", roles, "give it something to do"),
        ("instruments", "instrument", tools, "ask for it in [[size_policy]] or in a rule"),
        ("checklists", "checklist", named.get("checklist", set()) | begun, "read it in a rule"),
        ("scorecards", "scorecard", named.get("scorecard", set()) | cards, "decide by it"),
    )
    for item in document.tables("facts"):
        # One with a title is for people, who enter and see it whether a rule reads it or not.
        if item.name("name") not in read and item["title"] is None:
            message = f'no rule reads the fact "{item["name"]}", and it has no title for people'
            hint = "read it in a rule, give it a title, or leave it out"
            yield warning(item.path, message, hint, "unused")
    for key, noun, used, hint in kinds:
        for item in document.tables(key):
            name = str(item["key"])
            if name not in used and name not in CHECKLISTS:
                message = f'nothing uses the {noun} "{name}"'
                yield warning(item.path, message, f"{hint}, or leave it out", "unused")


def _facts_read(document: RawTable) -> set[str]:
    """The facts that rules, items of cards, cadences and policies of fields name."""
    read = {name for _, rule in rules(document) for name in rule.facts}
    read |= {name for _, what, name in references(document) if what == "fact"}
    for card in document.tables("scorecards"):
        read |= {name for item in card.tables("items") if (name := item.name("points"))}
    policy = document.table("policy")
    fields = policy.tables("fields") if policy else ()
    return read | {name for item in fields if (name := item.name("name"))}
