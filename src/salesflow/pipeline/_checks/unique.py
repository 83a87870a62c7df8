"""What no two deals may share all of: the checks that compare rows with each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeGuard

from salesflow._arguments import Arguments, describe
from salesflow.errors import Problem
from salesflow.pipeline._checks.catalogue import Check, Member
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._wording import near
from salesflow.rules import Rule
from salesflow.rules._values import BLANK
from salesflow.rules.ast import And, Constant, Known, Name, Node
from salesflow.terms import joined
from salesflow.text import Text, both, filled, lowered

UNIQUE_KEY: Final = "unique.key"

NAMES: Final = 'write a list of names, as in ["account.name", "created_on"]'
_LISTS: Final = 'write [["account.name", "created_on"]]'
_TITLE: Final = both(en="No two deals agree in {names}", zh="没有两个项目的{names}完全相同")
_KEY: Final = both(en="No two rows have the same key ({name})", zh="没有两行的键（{name}）相同")


def problems_of_names(names: Sequence[object], path: str) -> Iterator[Problem]:
    """What is wrong with a list of facts, or of columns of the frame that hold none."""
    for number, name in enumerate(names):
        at = f"{path}[{number}]"
        if not isinstance(name, str):
            yield Problem(at, f"{describe(name)} names no fact", "write its name, a text", "kind")
        elif not (name.strip(BLANK) and name.isprintable()):
            yield Problem(at, f"{name!r:.80} cannot be shown", "rename the column")
        elif name in names[:number]:
            yield Problem(at, f"{name!r:.80} is named twice", "once is enough", "duplicate")


def read_unique(given: Arguments, unique: object) -> dict[str, tuple[str, ...]]:
    """By what the check is called the names in each list; what is wrong is noted and left out."""
    if unique is None:
        return {}
    if not _is_list(unique):
        message = f"must be a list of lists of names, not {describe(unique)}"
        given.problems.append(Problem("unique", message, _LISTS, "kind"))
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for number, group in enumerate(unique):
        path = f"unique[{number}]"
        if not _is_list(group):
            message = f"must be a list of names, not {describe(group)}"
            given.problems.append(Problem(path, message, _LISTS, "kind"))
            continue
        names = tuple(group)
        problems = [*problems_of_names(names, path)]
        if not names:
            problems.append(Problem(path, "it names nothing", _LISTS))
        if problems:
            given.problems += problems
            continue
        facts = tuple(map(str, names))
        key = f"unique.{'+'.join(facts)}"
        if key in found:
            message = f"{key} is asked for twice"
            given.problems.append(Problem(path, message, "once is enough", "duplicate"))
        found[key] = facts
    return found


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def unique_check(deals: Deals, key: str, names: Sequence[str], path: str) -> Check | None:
    """No two deals agree in all of these; a name that stands for nothing is noted at the path."""
    members = [_member(deals, name, path) for name in names]
    known = [it for it in members if it is not None]
    if len(known) < len(members):
        return None
    titles = deals.playbook.fact_titles
    called = [titles.get(it.name) or both(en=it.name, zh=it.name) for it in known]
    return _check(key, known, filled(_TITLE, names=_listed(called)), deals, Scope("all"))


def key_check(deals: Deals) -> Check:
    """No two rows of the frame have the same key, be they of deals that lie after the day."""
    name = deals.key.name
    scope = Scope("all", later=True)
    return _check(UNIQUE_KEY, [Member(name, name)], filled(_KEY, name=name), deals, scope)


def _check(key: str, members: Sequence[Member], title: Text, deals: Deals, scope: Scope) -> Check:
    facts = tuple(it.name for it in members if it.column is None)
    there: list[Node] = [Known(Name(name, deals.facts[name].kind)) for name in facts]
    rule = there[0] if len(there) == 1 else And(tuple(there)) if there else Constant(value=True)
    return Check(
        key=key,
        rule=Rule.of(rule, deals.facts),
        scopes=(scope,),
        severity="error",
        title=title,
        group="unique",
        needs=facts,
        members=tuple(members),
    )


def _member(deals: Deals, name: str, path: str) -> Member | None:
    columns = deals.columns
    column = columns.column_of(name) or (name if name in columns.schema else None)
    if name not in deals.facts and column is None:
        message = f"no column is {name!r}, nor holds such a fact"
        columns.note(path, message, near(name, columns.groups), "no_column")
    elif column is not None and columns.is_nested(column):
        columns.note(path, f"{name!r} holds no single values", "name another column")
    else:
        return Member(name, None if name in deals.facts else column)
    return None


def _listed(names: Sequence[Text]) -> Text:
    return both(
        en=joined((lowered(name) for name in names), "en"),
        zh=joined((name.get("zh") for name in names), "zh"),
    )
