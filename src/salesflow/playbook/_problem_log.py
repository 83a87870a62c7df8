"""The problems of a file as they are found, one message for one mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from salesflow._closest import Suggestions
from salesflow.errors import Problem
from salesflow.playbook._remedies import brought_by

_MAX_PROBLEMS: Final = 200
_SHOWN: Final = 20
_ENTRY: Final = re.compile(r"""(?:\[[0-9]+\]|\.[^.\["]+|\."[^"]*")(?:\.[a-z]+)?$""")

USED: Final = ("use_roles", "use_reasons", "use_checklists", "use_scorecards")
"""The lists of what a playbook takes from the package, as it is there."""

_CHECKLISTS_USED: Final = USED[2:]
_GATES: Final = ("entry", "exit", "criteria")
_BRINGING: Final = frozenset(
    {"group of record facts", "shared role", "shared checklist", "shared scorecard"}
)
"""What brings things that others name: where it is not known, nobody can say what is missing."""
_CHECKLISTS: Final = ("use_records", "checklists", "questions", "facts", *_CHECKLISTS_USED)
_DECLARED_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "role": ("roles", "use_roles"),
    "stage": ("stages", "sub_stages"),
    "scorecard": ("scorecards", "use_scorecards"),
    "checklist": ("checklists", *_CHECKLISTS_USED),
    "instrument": ("instruments",),
    "approval policy": ("approvals",),
    "fact": _CHECKLISTS,
    "field": ("facts",),
    "question": _CHECKLISTS,
    "section": ("sections",),
    "criterion": _GATES,
    "criterion or instrument": (*_GATES, "instruments", "forms"),
    "state of this track": ("states",),
    "state of a track": ("tracks", "states"),
    "track or state of a track": ("tracks", "states"),
}
"""Where things are declared that others name."""
_FACTS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "done": _DECLARED_IN["criterion or instrument"],
    "waived": _GATES,
    "approval": ("roles", "approvals", *_GATES),
    "score": _DECLARED_IN["scorecard"],
    "track": _DECLARED_IN["state of a track"],
    "form": ("forms",),
    "reached": _DECLARED_IN["stage"],
}
"""Where things are declared that bring facts, by the first part of their names."""


class TooManyProblems(Exception):
    """Nobody reads more than this; a hostile file would make millions."""


def warning(path: str, message: str, hint: str, code: str) -> Problem:
    """Something that the playbook works in spite of."""
    return Problem(path, message, hint, code, "warning")


class ProblemLog:
    """Problems, as they are found.

    One mistake gets one message, so it is noted here what a mistake hides: the entries of a list
    may be what somebody else names, and what a key was meant to say is not missing.

    Attributes:
        problems: What is wrong.
        suggestions: The nearest names.
        lang: The language of a text that is given as a plain string.
        hidden: The keys of lists some entries of which could not be read, or have no name.
        doubtful: Names of facts whose declaration has a problem.
        told_paths: Where something is wrong or passed over, and what that is inside of.
        unread: Such paths of what could not be read, before anything was checked.
    """

    __slots__ = ("doubtful", "hidden", "lang", "problems", "suggestions", "told_paths", "unread")

    def __init__(self, lang: str = "en") -> None:
        self.problems: list[Problem] = []
        self.suggestions = Suggestions()
        self.lang = lang
        self.hidden: set[str] = set()
        self.doubtful: set[str] = set()
        self.told_paths: set[str] = set()
        self.unread: frozenset[str] = frozenset()

    def add(
        self,
        path: str,
        message: str,
        hint: str = "",
        code: str = "invalid",
        *,
        column: int | None = None,
    ) -> object:
        """Note a problem; raises TooManyProblems when there are enough of them.

        Args:
            path: Where it is.
            message: What is wrong.
            hint: What to do.
            code: What kind of problem it is.
            column: At which character of the value, where it is at one.

        Returns:
            None, which is what a reader gives for a value that is wrong.
        """
        self.problems.append(Problem(path, message, hint, code, column=column))
        self.pass_over(path)
        if len(self.problems) >= _MAX_PROBLEMS:
            message = "there may be more problems"
            self.problems.append(Problem("", message, "correct these first", "too_many"))
            raise TooManyProblems
        return None

    def told(self, path: str) -> bool:
        """Whether something is wrong with the value at that path, or inside it."""
        return path in self.told_paths

    def pass_over(self, path: str) -> None:
        """Take the value at that path for told: what is wrong with it is told elsewhere."""
        while path and path not in self.told_paths:
            self.told_paths.add(path)
            path = path[: max(path.rfind("."), path.rfind("["), 0)]

    def hide(self, path: str) -> None:
        """Note that the list at that path has more entries than could be read, or others."""
        self.hidden.add(path.rpartition(".")[2])

    def may_hide(self, what: str) -> bool:
        """Whether a thing of that kind may be declared where it could not be read."""
        return not self.hidden.isdisjoint(_DECLARED_IN.get(what, ()))

    def may_be_fact(self, name: str) -> bool:
        """Whether a fact of that name may be declared where it could not be read."""
        first, _, rest = name.partition(".")
        lists = _FACTS_OF.get(first, _CHECKLISTS if rest else ("facts",))
        return name in self.doubtful or not self.hidden.isdisjoint(lists)

    def wrong_type(self, path: str, expected: str, value: object) -> object:
        """Note that a value is of another type than expected; returns None, as `add` does."""
        return self.add(path, f"this must be {expected}, not {shown_value(value)}", code="type")

    def taken(self, path: str, what: str, name: str, seen: str) -> None:
        """Note a name that another place has already; one of them was meant to be another."""
        for at in (path, seen):
            self.hide(_ENTRY.sub("", at, count=1))
        self.add(path, f'the {what} "{name[:60]}" exists already', f"see {seen}", "duplicate")

    def unknown(self, path: str, what: str, name: str, known: Iterable[str | None]) -> None:
        """Note a name that does not exist, unless it may be declared where nobody can read it."""
        if self.may_hide(what) or (what == "fact" and name in self.doubtful):
            self.pass_over(path)
            return
        if what in _BRINGING:
            self.hide(path.partition("[")[0])
        names = [other for other in known if other is not None]
        near = self.suggestions.closest(name, names)
        listed = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        hint = f"known: {listed}" if names else "there are none"
        hint = f'did you mean "{near}"?' if near else hint
        if what == "fact" or not near:
            hint = brought_by(what, name, names) or hint
        self.add(path, f'there is no {what} "{name[:60]}"', hint, "unknown_name")


def shown_value(value: object) -> str:
    """A value as a message shows it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value[:40]}{"…" if len(value) > 40 else ""}"'  # noqa: PLR2004
        case int() | float():
            return f"{value:.10g}" if abs(value) < 1e15 else "such a number"  # noqa: PLR2004
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
