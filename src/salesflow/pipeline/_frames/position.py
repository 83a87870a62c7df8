"""Where each deal stands, as columns: its place, how it ended, which rows a check applies to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import narwhals.stable.v2 as nw

from salesflow.facts import FORECAST_CATEGORIES, OUTCOMES, FactKind, Facts
from salesflow.pipeline._frames.engines import expr_of
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.key_and_stage import StageColumn
from salesflow.pipeline._frames.stages import ENDS, NOWHERE, Places
from salesflow.playbook._parts import CATEGORY
from salesflow.qualify._hygiene_rows import HygieneGroup
from salesflow.rules.ast import Flag, Name, OneOf, Words
from salesflow.rules.columns import (
    Columns,
    Labels,
    Rail,
    Rails,
    both,
    chosen,
    either,
    flip,
    within,
)
from salesflow.rules.core import CompareValue

# What a column says, beside the fact that follows from it; no name of a fact has spaces.
AS_GIVEN: Final[Mapping[str, str]] = {
    name: f"{name} as given" for name in ("amount", "outcome", "sub_stage")
}

_CATEGORIES: Final = ("closed", *FORECAST_CATEGORIES)
_GROUPS: Final[Mapping[HygieneGroup, tuple[str, ...]]] = {
    "open": ("none",),
    "won": ("won",),
    "lost": ("lost", "disqualified"),
    "closed": ENDS,
}


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a check applies to.

    Attributes:
        group: By outcome; `lost` are the disqualified deals too. One that ended without an outcome
            is neither open nor closed.
        codes: Further, only rows at these places.
        fact: Further, only rows where this choice is one of the `values`.
        flag: Further, only rows where this flag is true.
        later: Rows that lie after the day of the check are among them; else they are not.
    """

    group: HygieneGroup
    codes: tuple[int, ...] | None = None
    fact: str = ""
    values: tuple[str, ...] = ()
    flag: str = ""
    later: bool = False


class Whereabouts:
    """What the stage column, and those of the sub-stage and the outcome if any, say of each row.

    Attributes:
        code: The place of each row, and the steps that it needs.
        later: The rows that lie after the day that is asked on, and the steps that they need.
        places: Where deals may stand.
    """

    def __init__(
        self,
        columns: Columns,
        given: FrameColumns,
        facts: Facts,
        places: Places,
        stage: StageColumn | None,
        labels: Mapping[str, int],
        ended: Callable[[], Rails],
    ) -> None:
        """`ended` tells where a column of its own says that the deal has ended."""
        self._columns = columns
        self._chained = given.engine.chained
        self.places = places
        self._is_over = ended
        self.later: tuple[Rail, int] = (False, 0)
        self._keys: nw.Expr | None = None  # the labels, where all that are known are keys
        found = nw.lit(NOWHERE)
        if stage is not None and stage.usable:
            found = coded(stage.label(), labels, self._chained)
            if labels == {place.key: place.code for place in places}:
                self._keys = stage.label()
        label = columns.column("label", found.cast(nw.Int16), 0)
        self.code = self._refined(given, facts, label)
        if self.code is not label:  # a sub-stage says more than its label does
            self._keys = None
        self._named: dict[str, Rails] = {}
        self._end = self._ended(given, facts)

    def _refined(
        self, given: FrameColumns, facts: Facts, label: tuple[nw.Expr, int]
    ) -> tuple[nw.Expr, int]:
        """The label's code, or that of the sub-stage where a column of its own names one."""
        code, depth = label
        source = given.source(facts["sub_stage"])
        if not isinstance(source, Labels):
            return label
        self._columns.add(AS_GIVEN["sub_stage"], source)
        found = code
        for place in self.places:
            if place.stage is None or place.sub_stage is None:
                continue
            named = is_value(self._columns, AS_GIVEN["sub_stage"], place.sub_stage)
            of_stage = code == nw.lit(self.places.by_key[place.stage].code)
            rail = both(of_stage, named.yes)
            if not isinstance(rail, bool):
                found = nw.when(rail).then(nw.lit(place.code)).otherwise(found)
                depth = max(depth, named.depth)
        return self._columns.column("place", found.cast(nw.Int16), depth)

    def _ended(self, given: FrameColumns, facts: Facts) -> tuple[nw.Expr, int] | None:
        """How each deal ended, where a column of its own says so."""
        source = given.source(facts["outcome"])
        if not isinstance(source, Labels):
            return None
        self._columns.add(AS_GIVEN["outcome"], source)
        named = self._named = {
            outcome: is_value(self._columns, AS_GIVEN["outcome"], outcome) for outcome in OUTCOMES
        }
        code, depth = self.code
        # What comes later counts more: a label may say how a deal ended where the outcome does not.
        said: list[tuple[str, Rail]] = [
            (outcome, within(code, self.places.codes(outcome))) for outcome in OUTCOMES
        ]
        said.append(("none", both(named["none"].yes, code == nw.lit(NOWHERE))))
        said += [(outcome, named[outcome].yes) for outcome in ENDS]
        found = nw.lit(NOWHERE)
        for outcome, rail in said:
            if not isinstance(rail, bool):
                found = nw.when(rail).then(nw.lit(OUTCOMES.index(outcome))).otherwise(found)
        depth = max(depth, *(rails.depth for rails in named.values()))
        return self._columns.column("end", found.cast(nw.Int16), depth)

    def standing(self, name: str) -> tuple[Labels, int] | None:
        """The fact of where the deal stands that has this name, and its depth; None for others."""
        if name == "outcome" and self._end is not None:
            end, depth = self._end
            return self._labels(end, enumerate(OUTCOMES)), depth
        if name == CATEGORY:
            return self._category()
        code, depth = self.code
        match name:
            case "stage":
                pairs = [(place.code, place.stage) for place in self.places]
            case "sub_stage":
                pairs = [(place.code, place.sub_stage) for place in self.places]
            case "outcome":
                pairs = [(place.code, place.outcome) for place in self.places]
            case _:
                return None
        return self._labels(code, ((it, key) for it, key in pairs if key is not None)), depth

    def _category(self) -> tuple[Labels, int]:
        """What each deal counts as in the forecast: by its place, and by how it ended."""
        code, depth = self.code
        going, later = self.group("open", later=True)
        won, latest = self.group("won", later=True)
        found = nw.lit(NOWHERE)
        said: list[tuple[str, Rail]] = [
            (name, within(code, [place.code for place in self.places if place.forecast == name]))
            for name in FORECAST_CATEGORIES
        ]
        for name, rail in (*said, ("omitted", flip(going)), ("closed", won)):
            if not isinstance(rail, bool):
                found = nw.when(rail).then(nw.lit(_CATEGORIES.index(name))).otherwise(found)
        depth = max(depth, later, latest)
        column, depth = self._columns.column("forecast category", found.cast(nw.Int16), depth)
        return self._labels(column, enumerate(_CATEGORIES)), depth

    def _labels(self, column: nw.Expr, said: Iterable[tuple[int, str]]) -> Labels:
        """What the numbers in a column stand for."""
        return Labels(column, tuple(said), text=False, whole=True, chained=self._chained)

    def agrees(self) -> Rails | None:
        """Where the label and a column of outcomes say the same of how the deal ended.

        NO where they do not; unknown where either says nothing of it. None without such a column.
        """
        if not self._named:
            return None
        code, depth = self.code
        depth = max(depth, *(rails.depth for rails in self._named.values()))
        same: list[Rail] = []
        other: list[Rail] = []
        for end in ENDS:
            here = within(code, self.places.codes(end))
            for outcome, rails in self._named.items():
                (same if outcome == end else other).append(both(here, rails.yes))
        return Rails(either(*same), either(*other), depth)

    def reached(self, key: str) -> Rails | None:
        """The flag `reached.<key>`, if there is such a stage or sub-stage.

        It is never NO: a snapshot does not tell where else a deal has been.
        """
        code, depth = self.code
        codes = [place.code for place in self.places if key in place.reached]
        return Rails(within(code, codes), no=False, depth=depth) if codes else None

    def group(self, group: HygieneGroup, *, later: bool = False) -> tuple[Rail, int]:
        """The rows whose deals are open, won, lost, closed, or all of them.

        Those that lie after the day are among them only where `later` says so.
        """
        return self.rows(Scope(group, later=later))

    def rows(self, *scopes: Scope) -> tuple[Rail, int]:
        """The rows that one of the scopes names, and the steps that they need."""
        named = [self.among(scope) for scope in scopes]
        rail, depth = either(*(rail for rail, _ in named)), max(depth for _, depth in named)
        # One step for all of them: to pass hundreds of columns through another one takes longer.
        return stored(self._columns, ("rows", scopes), rail, depth)

    def _of_outcome(self, group: HygieneGroup) -> tuple[Rail, int]:
        outcomes = _GROUPS[group]
        if self._end is None:
            column, depth = self.code
            codes = [code for outcome in outcomes for code in self.places.codes(outcome)]
        else:
            column, depth = self._end
            codes = [OUTCOMES.index(outcome) for outcome in outcomes]
        if group == "open":
            codes.append(NOWHERE)  # a deal without a label is not known to be closed
            over = self._is_over()
            return both(within(column, codes), flip(over.yes)), max(depth, over.depth)
        return within(column, codes), depth

    def among(self, scope: Scope) -> tuple[Rail, int]:
        """The same of one scope, not yet as a column, for what makes a column of it."""
        rail, depth = (True, 0) if scope.group == "all" else self._of_outcome(scope.group)
        if not scope.later:
            rail, depth = both(rail, flip(self.later[0])), max(depth, self.later[1])
        if scope.codes is not None:
            code, at = self.code
            rail, depth = both(within(code, scope.codes), rail), max(depth, at)
        if scope.fact:
            words = tuple(map(Words, scope.values))
            named = self._columns.rails(OneOf(Name(scope.fact, FactKind.CHOICE), words))
            rail, depth = both(rail, named.yes), max(depth, named.depth)
        if scope.flag:
            true = self._columns.rails(Flag(scope.flag))
            rail, depth = both(rail, true.yes), max(depth, true.depth)
        return rail, depth

    def text(self) -> tuple[nw.Expr, int]:
        """The key of each row's stage or sub-stage, or how the deal ended."""
        code, depth = self.code
        if self._keys is None:
            text = self._labels(code, ((place.code, place.key) for place in self.places)).key()
        else:
            text = nw.when(code > nw.lit(NOWHERE)).then(self._keys)
        if self._end is None:
            return text, depth
        end, later = self._end
        for outcome in ENDS:
            closed = end == nw.lit(OUTCOMES.index(outcome))
            text = nw.when(closed).then(nw.lit(outcome)).otherwise(text)
        return text, max(depth, later)

    def cycle(self) -> nw.Expr:
        """The last selling-cycle number that each deal has reached, as a text; missing for none."""
        text: nw.Expr = nw.lit(None, dtype=nw.String())
        code, _ = self.code
        for place in self.places:
            if place.cycle is not None:
                here = code == nw.lit(place.code)
                text = nw.when(here).then(nw.lit(f"{place.cycle:g}")).otherwise(text)
        number = self.places.by_key["won"].cycle
        if self._end is not None and number is not None:
            end, _ = self._end
            early = ~expr_of(within(code, self.places.codes("won")))
            won = (end == nw.lit(OUTCOMES.index("won"))) & early
            text = nw.when(won).then(nw.lit(f"{number:g}")).otherwise(text)
        return text


def stored(columns: Columns, key: object, rail: Rail, depth: int) -> tuple[Rail, int]:
    """A condition as a column, unless it is the same for every row; and its depth."""
    return (rail, depth) if isinstance(rail, bool) else columns.column(key, rail, depth)


def is_value(columns: Columns, fact: str, value: str) -> Rails:
    """Where a choice has this value."""
    return columns.rails(CompareValue(fact, FactKind.CHOICE, "==", value))


def coded(label: nw.Expr, labels: Mapping[str, int], chained: int) -> nw.Expr:
    """The code of every label, NOWHERE for others.

    `chained` says up to how many of them conditions beat one look-up.
    """
    if len(labels) > chained:
        return chosen(label, labels, nw.lit(NOWHERE), nw.Int16())
    by_code: dict[int, list[str]] = {}
    for text, number in labels.items():
        by_code.setdefault(number, []).append(text)
    # Filled once, with what nobody named, instead of every comparison.
    absent = " "
    while absent in labels:
        absent += " "
    label, found = label.fill_null(absent), nw.lit(NOWHERE)
    for number, texts in by_code.items():
        here = within(label, texts)
        if not isinstance(here, bool):
            found = nw.when(here).then(nw.lit(number)).otherwise(found)
    return found
