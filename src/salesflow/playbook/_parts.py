"""The tables of a document as they were read, and walks over them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from salesflow.facts import BEFORE, STANDARD_FACTS, Facts
from salesflow.rules import Rule
from salesflow.text import Text

if TYPE_CHECKING:
    from salesflow.records import RecordFact, RecordGroup
    from salesflow.records._of_forms import FormGroup

ENDED: Final = "ended"
"""Where a move leads that ends the process."""
STAY_FACTS: Final = frozenset(
    {
        "entered_stage_on",
        "entered_sub_stage_on",
        "closed_on",
        "days_on_hold",
        "days_on_hold_in_stage",
        "days_on_hold_in_sub_stage",
    }
)
"""Days of a deal's course, and how many of them it was on hold."""
CATEGORY: Final = "forecast.category"
"""The fact of what a deal counts as in the forecast by where it stands."""
CALLS: Final[Mapping[Literal["owner", "manager"], str]] = {
    "owner": "forecast.owner_call",
    "manager": "forecast.manager_call",
}
"""By who calls it, the fact of what they say that the deal counts as in the forecast."""
PROCESS_FACTS: Final = (
    STAY_FACTS | {*CALLS.values()} | {"stage", "sub_stage", "outcome", "ended", "on_hold", CATEGORY}
)
"""Facts that follow from where the deal stands, and from what was said of it there."""
TRACK_PARTS: Final = ("", ".entered_on", ".days_on_hold")
"""What the facts of a track end in: where it stands, since when, and the days on hold there."""


NAMING: Final = ("key", "name")
"""The keys of tables that say what an entry of a list is called, in paths and elsewhere."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")


def step(name: str) -> str:
    """A key as a path has it: as TOML does, in quotes where it has a dot or a space.

    Example:
        >>> step("net_arr"), step("account.tier")
        ('net_arr', '"account.tier"')
    """
    return name if _BARE.fullmatch(name) else f'"{name[:80]}"'


STEP: Final = re.compile(r'\.?("[^"]*+"|[^.\[]++)|(\[\d{1,9}\])')
"""One step of the path of a problem: a key as `step` writes it, or the number of an entry."""
_STEPS: Final = re.compile(r'\.?(?:([A-Za-z0-9_-]+)|"([^"]+)")')


def steps(path: str) -> tuple[str, ...]:
    """The steps of a path by keys; none where it is not one.

    Example:
        >>> steps('facts."account.tier".title'), steps("stages..x")
        (('facts', 'account.tier', 'title'), ())
    """
    found: list[str] = []
    at = 0
    while at < len(path):
        match = _STEPS.match(path, at)
        if match is None or path.startswith(".", at) is not bool(found):
            return ()
        found.append(match[1] or match[2])
        at = match.end()
    return tuple(found)


def facts_of_track(key: str) -> tuple[str, ...]:
    """The names of the facts of a track."""
    return tuple(f"track.{key}{part}" for part in TRACK_PARTS)


class RawTable(dict[str, object]):
    """A table of a file in canonical form: each of its keys is there, and its values are readable.

    What could not be read has a problem already, and is None or left out here. So a method gives
    None, or no entry, both for what is wrong and for what is not given.

    Attributes:
        path: Where it is in the file.
    """

    __slots__ = ("path",)

    def __init__(self, values: Mapping[str, object], path: str) -> None:
        super().__init__(values)
        self.path = path

    def at(self, key: str) -> str:
        """The path of one of its values."""
        return f"{self.path}.{key}" if self.path else key

    @property
    def key(self) -> str:
        """Its key, of a table that was read without a problem."""
        return str(self["key"])

    def table(self, key: str) -> RawTable | None:
        """A table in it."""
        value = self[key]
        return value if isinstance(value, RawTable) else None

    def tables(self, key: str) -> tuple[RawTable, ...]:
        """The tables of a list in it."""
        return self[key]  # type: ignore[return-value]  # so it was read

    def name(self, key: str) -> str | None:
        """A key, a word or the name of a fact in it."""
        return self[key]  # type: ignore[return-value]  # so it was read

    def names(self, key: str) -> tuple[str, ...]:
        """The names of a list in it."""
        return tuple(item for item in self._items(key) if isinstance(item, str))

    def names_at(self, key: str) -> Iterator[tuple[str, str]]:
        """The names of a list in it, each with its path."""
        for i, item in enumerate(self._items(key)):
            if isinstance(item, str):
                yield self.at(f"{key}[{i}]"), item

    def pairs(self, key: str) -> Iterator[tuple[str, str]]:
        """The old and new names in it."""
        for item in self._items(key):
            if isinstance(item, tuple):
                old, new = item
                yield old, new

    def number(self, key: str) -> float | None:
        """A number in it."""
        value = self[key]
        return value if isinstance(value, int | float) else None

    def rule(self, key: str) -> Rule | None:
        """A rule in it that was parsed."""
        value = self[key]
        return value if isinstance(value, Rule) else None

    def text(self, key: str) -> Text | None:
        """A text in it."""
        value = self[key]
        return value if isinstance(value, Text) else None

    def _items(self, key: str) -> tuple[object, ...]:
        value = self[key]
        return value if isinstance(value, tuple) else ()


def places(document: RawTable) -> Iterator[RawTable]:
    """Every stage, and after it its sub-stages."""
    for stage in document.tables("stages"):
        yield stage
        yield from stage.tables("sub_stages")


def positions(document: RawTable) -> Iterator[tuple[RawTable, RawTable]]:
    """Where a deal can be, in order: the stage, and the sub-stage or the stage again."""
    for stage in document.tables("stages"):
        for place in stage.tables("sub_stages") or (stage,):
            yield stage, place


ASKED_FORMS: Final = "asked_forms"
"""Under which a stage has the criteria that follow from its forms; no file gives them."""

MATTERS: Final = "matters"
"""Under which a form says that it is behaviour: it is required, or a rule reads its fact."""


def exits(place: RawTable) -> tuple[RawTable, ...]:
    """The criteria of leaving a stage or sub-stage, those of its required forms last."""
    asked = place.get(ASKED_FORMS)
    own = place.tables("exit")
    return (*own, *asked) if isinstance(asked, tuple) else own


def criteria(document: RawTable) -> Iterator[RawTable]:
    """Every criterion, of stages, of sub-stages, of moves and of the states of tracks."""
    for place in places(document):
        yield from place.tables("entry")
        yield from exits(place)
    for move in document.tables("moves"):
        yield from move.tables("criteria")
    for track in document.tables("tracks"):
        for state in track.tables("states"):
            yield from state.tables("entry")


def named(tables: Iterable[RawTable]) -> dict[str, RawTable]:
    """The tables by key; of two with one key, the first."""
    found: dict[str, RawTable] = {}
    for table in tables:
        key = table.name("key")
        if key is not None:
            found.setdefault(key, table)
    return found


def questions_of(document: RawTable) -> dict[str, RawTable]:
    """Every question by the name of its fact."""
    return {
        f"{checklist}.{key}": question
        for checklist, part in named(document.tables("checklists")).items()
        for key, question in named(part.tables("questions")).items()
    }


def groups_used(document: RawTable) -> tuple[RecordGroup[Any], ...]:
    """The groups of facts of records that a playbook uses; without those that do not exist."""
    keys = document.names("use_records")
    if not keys:
        return ()
    from salesflow.records import RECORD_GROUPS  # noqa: PLC0415 - for those who use it

    return tuple(RECORD_GROUPS[key] for key in keys if key in RECORD_GROUPS)


def forms_of(document: RawTable) -> Iterator[RawTable]:
    """Every form of every stage."""
    for stage in document.tables("stages"):
        yield from stage.tables("forms")


def form_groups(document: RawTable) -> Iterator[FormGroup]:
    """What reads the forms that are records; of forms that have no errors."""
    forms = [form for form in forms_of(document) if form["record"] is not None]
    if not forms:
        return
    from salesflow.records._of_forms import form_group, well_asked  # noqa: PLC0415 - as below
    from salesflow.records._read import RECORD_GROUPS  # noqa: PLC0415 - as below

    for form in named(forms).values():
        group = RECORD_GROUPS.get(form.name("record") or "")
        columns = form.names("columns")
        if group is not None and well_asked(group, columns):
            yield form_group(form.key, form.text("title") or title_of(form.key), group, columns)


def readers_of_records(
    document: RawTable,
) -> dict[str, tuple[RecordGroup[Any], RecordFact[Any]]]:
    """The facts that records answer, by name: those of the groups in use, and of forms."""
    groups = (*groups_used(document), *form_groups(document))
    return {fact.name: (group, fact) for group in groups for fact in group.facts}


def facts_of_records(document: RawTable) -> dict[str, RecordFact[Any]]:
    """Those facts without their groups."""
    return {name: fact for name, (_, fact) in readers_of_records(document).items()}


def given_facts(document: RawTable) -> frozenset[str]:
    """The facts that somebody gives: they follow neither from other facts nor from progress."""
    declared = {str(fact["name"]) for fact in document.tables("facts")}
    said = (*STANDARD_FACTS, *facts_of_records(document), *questions_of(document))
    return frozenset({*said, *declared} - PROCESS_FACTS)


def with_before(facts: Facts) -> Facts:
    """What the policy of a field may name: also each fact as it is before the amendment."""
    old = [replace(fact, name=f"{BEFORE}{name}") for name, fact in facts.items()]
    return facts.extended(old)


def title_of(key: str) -> Text:
    """The title of something that was given none.

    Example:
        >>> title_of("opportunity_plan").en
        'Opportunity plan'
    """
    return Text(en=key.replace("_", " ").strip().capitalize() or key)


class TransitionsGraph(TypedDict):
    """Keyword arguments for `transitions.Machine`.

    Attributes:
        states: The keys of all positions, and `ended`.
        transitions: The moves; each has its `trigger`, its `source` and its `dest`.
        initial: The key of the first position.
        auto_transitions: False: there is no way from everywhere to everywhere.
    """

    states: list[str]
    transitions: list[dict[str, str]]
    initial: str
    auto_transitions: bool
