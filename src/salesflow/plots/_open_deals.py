"""Where open deals stand and since when: read from deals, or from rows of an export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final, TypeGuard

from salesflow._arguments import describe
from salesflow._arguments import refuse as refuse_argument
from salesflow._show import plain
from salesflow.domain import HostDeal, Opportunity
from salesflow.engine._ages import stay_facts
from salesflow.errors import Problem, closest
from salesflow.facts import OUTCOMES
from salesflow.pipeline._frames.labels import read_as, reader_of
from salesflow.pipeline._frames.options import FrameOptions, column_of
from salesflow.pipeline._frames.stages import ENDS, stage_reader
from salesflow.pipeline._frames.value_maps import read_values
from salesflow.playbook import Playbook
from salesflow.plots._canvas import LABEL, refuse
from salesflow.qualify._hygiene_facts import hygiene_facts
from salesflow.rules import Verdict
from salesflow.rules._values import BLANK

DEAL_FACTS: Final = (
    *("id", "stage", "outcome", "ended"),
    *("entered_stage_on", "entered_sub_stage_on", "created_on"),
    *("days_on_hold", "days_on_hold_in_stage", "days_on_hold_in_sub_stage"),
)
"""What is read of a row; the key of a frame is its `id`."""
_MOST_PROBLEMS: Final = 100
_TRUTHS: Final = frozenset({"bool", "bool_"})  # that of NumPy is no bool


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal.

    Attributes:
        name: What it is called.
        place: The key of its stage or sub-stage.
        days: How many days it has been in the stage, or in the sub-stage where that has a limit of
            its own; without those on hold, where clocks rest then. None where that is not known.
        age: How many days ago it began, without those on hold likewise; None where that is not
            known.
    """

    name: str
    place: str
    days: int | None
    age: int | None


def read_deals(deals: object) -> tuple[object, ...]:
    """The deals or rows of a list; raises ArgumentError if it is not a list."""
    if isinstance(deals, str | bytes | Mapping) or not isinstance(deals, Iterable):
        refuse_argument("deals", "a list of deals or rows", deals, "write deals=[…]")
    return tuple(deals)


def open_deals(
    deals: Iterable[object], playbook: Playbook, options: FrameOptions
) -> list[OpenDeal]:
    """The deals that are open and in a stage.

    Raises:
        PlotError: Some deals, labels or columns cannot be read; `problems` lists them.
    """
    reader = _Reader(playbook, options)
    found: list[OpenDeal] = []
    for at, deal in enumerate(deals):
        path = f"deals[{at}]"
        if isinstance(deal, Opportunity | HostDeal):
            found += reader.deal(deal, path)
        elif isinstance(deal, Mapping):
            found += reader.row(deal, path, f"{at + 1}")
        else:
            hint = "pass deals; or rows, as frame.to_dicts() of polars gives them"
            reader.add(path, f"must be a deal or a row, not {describe(deal)}", hint)
        if len(reader.problems) >= _MOST_PROBLEMS:
            break
    refuse(reader.problems)
    return found


class _Reader:
    def __init__(self, playbook: Playbook, options: FrameOptions) -> None:
        self.problems: list[Problem] = []
        self._absent: set[str] = set()
        self._today, self._tz = options.day, options.zone
        self._pauses = playbook.policy.pause_on_hold
        parts = (part for stage in playbook.stages for part in stage.sub_stages)
        self._limited = {part.key for part in parts if part.max_days is not None}
        self._columns = {fact: column_of(options, fact) for fact in DEAL_FACTS}
        self._places = {position.key for position in playbook.positions}
        self._places |= {stage.key for stage in playbook.stages}
        known = self._places | {*ENDS}
        self._labels = {key: key for key in known} | dict(options.stages)
        self._stages, self._reader = options.stages, stage_reader(playbook)
        known_facts = hygiene_facts(playbook)
        self._facts = {name: known_facts[name] for name in ("outcome", "ended")}
        self._values, wrong = read_values(options.values, known_facts)
        self.problems += wrong
        self._words: dict[tuple[str, str], object] = {}
        # What is said for the checks of the same frame may be said here, too.
        facts = dict.fromkeys((*DEAL_FACTS, *known_facts))
        for fact in options.columns:
            if fact not in facts:
                near = closest(fact, facts)
                hint = f'did you mean "{near}"?' if near else f"name {', '.join(DEAL_FACTS)}"
                self.add(f"columns[{fact!r}]", "there is no such fact", hint)
        for label, key in options.stages.items():
            if key not in known:
                otherwise = "name a stage, won, lost or disqualified"
                near = self._reader.nearest(key, is_name=True)
                self._no_stage(f"stages[{label!r}]", key, near, otherwise)

    def add(self, path: str, message: str, hint: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(plain(path), plain(message), hint))

    def deal(self, deal: Opportunity | HostDeal, path: str) -> Iterator[OpenDeal]:
        """The deal, if it is open and was started."""
        progress = deal.progress
        if progress.position is None or progress.ended or progress.outcome != "none":
            return
        if progress.position not in self._places:
            hint = "pass the playbook that the deal follows"
            self.add(path, f"there is no stage {progress.position!r}", hint)
            return
        name = deal.name if isinstance(deal, Opportunity) else ""
        created = deal.created_on if isinstance(deal, Opportunity) else deal.facts.get("created_on")
        if isinstance(created, str):
            created = date.fromisoformat(created[:10])
        facts = stay_facts(progress, self._today, self._tz) | {"created_on": created}
        yield OpenDeal(
            plain(f"{deal.id} {name}", LABEL),
            progress.position,
            *self._ages(progress.position, facts.get),
        )

    def row(self, row: Mapping[str, object], path: str, number: str) -> Iterator[OpenDeal]:
        """The deal of a row, if it is open and has a stage."""
        label = self._value(row, "stage", path)
        if _is_missing(label):
            return
        places = self._meant(label) if isinstance(label, str) else ()
        place = places[0] if len(places) == 1 else None
        if place is None:
            where = f"{path}[{self._columns['stage']!r}]"
            otherwise = "say what it stands for in stages="
            if places:
                otherwise += f": it may be {' or '.join(places)}"
            near = self._reader.nearest(label) if isinstance(label, str) and not places else None
            self._no_stage(where, label, near, otherwise)
        elif place not in ENDS and not self._is_over(row, path):
            name = row.get(self._columns["id"])
            yield OpenDeal(
                plain(number if _is_missing(name) else str(name), LABEL),
                place,
                *self._ages(place, partial(self._fact, row, path)),
            )

    def _is_over(self, row: Mapping[str, object], path: str) -> bool:
        """Whether the row says that its deal has ended, where its stage does not say so.

        What counts is what `Whereabouts` says of frames.
        """
        outcome = self._read(row, "outcome", path)
        if outcome is not None and outcome not in OUTCOMES:
            hint = 'say what it stands for: values={"outcome": {…: "won"}}'
            message = f"there is no outcome {plain(repr(outcome), LABEL)}"
            self.add(f"{path}[{self._columns['outcome']!r}]", message, hint)
        over = self._read(row, "ended", path)
        return outcome in ENDS or (isinstance(over, bool) and over) or over in ("+", Verdict.YES)

    def _read(self, row: Mapping[str, object], fact: str, path: str) -> object:
        """What a row says of a choice or a flag, read as in frames; itself where nobody can."""
        value = self._value(row, fact, path)
        if _is_missing(value) or not str(value).strip(BLANK):
            return None
        said = self._values.get(fact, {})
        if not isinstance(value, str):
            same = (
                it for label, it in said.items() if type(label) is type(value) and label == value
            )
            return next(same, bool(value) if type(value).__name__ in _TRUTHS else value)
        key = fact, value
        if key not in self._words:
            reader, meant = reader_of(self._facts[fact], may_skip=False)
            self._words[key] = read_as([value], reader, said, meant).get(value, value)
        return self._words[key]

    def _ages(self, place: str, fact: Callable[[str], object]) -> tuple[int | None, int | None]:
        """The days in a place, and the age of the deal, by its facts."""
        part = "sub_stage" if place in self._limited else "stage"
        pairs = {
            f"entered_{part}_on": f"days_on_hold_in_{part}",
            "created_on": "days_on_hold",
        }
        days, age = (self._since(fact(day), fact, rested) for day, rested in pairs.items())
        return days, age

    def _since(self, day: object, fact: Callable[[str], object], rested: str) -> int | None:
        """The days since a day that count."""
        on_hold = fact(rested) if self._pauses else 0
        if not isinstance(day, date) or not isinstance(on_hold, int | float):
            return None
        return (self._today - day).days - int(on_hold)

    def _fact(self, row: Mapping[str, object], path: str, name: str) -> object:
        if name.endswith("_on"):
            return self._day(row, name, path)
        value = self._value(row, name, path)
        return None if _is_missing(value) else value

    def _meant(self, label: str) -> tuple[str, ...]:
        """The stage or end that a label stands for; several, or none, where that is not clear."""
        said = self._labels.get(label) or read_as([label], self._reader, self._stages).get(label)
        return self._reader.read(label) if said is None else (str(said),)

    def _no_stage(self, path: str, stage: object, near: str | None, otherwise: str) -> None:
        hint = f'did you mean "{near}"?' if near else otherwise
        self.add(path, f"there is no stage {plain(repr(stage), LABEL)}", hint)

    def _value(self, row: Mapping[str, object], fact: str, path: str) -> object:
        column = self._columns[fact]
        needed = fact == "stage" or fact.startswith("entered_")
        if needed and column not in row and column not in self._absent:
            self._absent.add(column)  # most often no row has it: once is enough
            hint = f'name its column in columns={{"{fact}": …}}'
            self.add(path, f"there is no column {column!r}", hint)
        return row.get(column)

    def _day(self, row: Mapping[str, object], fact: str, path: str) -> date | None:
        value = self._value(row, fact, path)
        if _is_missing(value):
            return None
        if isinstance(value, datetime):
            return value.date() if value.tzinfo is None else value.astimezone(self._tz).date()
        if isinstance(value, date):
            return value
        where = f"{path}[{self._columns[fact]!r}]"
        hint = "turn the column into dates first"
        self.add(where, f"must be a day, not {describe(value)}", hint)
        return None


def _is_missing(value: object) -> TypeGuard[None]:
    # None, NaN, and pandas' NaT, which is not equal to itself either.
    return value is None or value == "" or bool(value != value)  # noqa: PLR0124
