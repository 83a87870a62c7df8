"""What has changed between two snapshots: counts, moves, the movement of value, and deals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Final, Generic, TypeVar, cast

from pydantic import Field, PrivateAttr

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import Result
from salesflow._show import Html, aligned, heading, paragraph, table
from salesflow._shown import spoken
from salesflow.pipeline._reports.report import Report
from salesflow.pipeline._wording import amount_of
from salesflow.terms import OUTCOMES, and_more
from salesflow.text import Language, Text, both, in_language

FrameT = TypeVar("FrameT")

COLUMNS: Final = (
    "what",
    "stage_before",
    "stage_after",
    "amount_before",
    "amount_after",
    "days_later",
)
"""The columns of the changes, beside the key."""

_SHOWN: Final = 10


class MovementLine(Result):
    """One line of a movement.

    Attributes:
        deals: How many deals it is of.
        amount: Their value, or by how much that rose or fell; exact to the minor unit.
    """

    deals: int
    amount: Decimal


class Movement(Result):
    """How the value of the pipeline came from what it was to what it is.

    The pipeline is the open deals; with a period, those that are expected to close in it. Each
    amount is taken in the playbook's currency, rounded to its minor unit, and added up exactly:
    opening + new + reopened + slipped_in + grown - shrunk - slipped_out - won - lost - disqualified
    - ended - gone = closing. So do the numbers of deals, without those grown and shrunk. A deal
    without an amount counts 0; one that is closed without an amount leaves with the one that it
    had.

    Attributes:
        currency: Of the amounts; None where nobody says in what they are.
        opening: The pipeline before.
        new: Deals that were not there at all.
        reopened: Deals that were closed or had ended, and are open again.
        slipped_in: Open deals that came into the period, from an earlier or a later day.
        grown: By how much amounts rose, of deals in the pipeline before.
        shrunk: By how much they fell.
        slipped_out: Open deals that left the period, with the amount after.
        won: Deals that left the pipeline as won, with the amount after. Deals that were neither
            there before nor open after are in no line.
        lost: Those that left it as lost.
        disqualified: Those that left it as disqualified.
        ended: Those that have ended since, without an outcome.
        gone: Those that are there no more.
        closing: The pipeline after.
    """

    currency: str | None
    opening: MovementLine
    new: MovementLine
    reopened: MovementLine
    slipped_in: MovementLine
    grown: MovementLine
    shrunk: MovementLine
    slipped_out: MovementLine
    won: MovementLine
    lost: MovementLine
    disqualified: MovementLine
    ended: MovementLine
    gone: MovementLine
    closing: MovementLine


LINES: Final = tuple(name for name in Movement.model_fields if name != "currency")
RISES: Final = ("new", "reopened", "slipped_in", "grown")
"""The lines that add to the value."""
_SIGNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(LINES, "−"),
    **dict.fromkeys(RISES, "+"),
    "opening": "",
    "closing": "=",
}


def line_words(lang: Language) -> dict[str, str]:
    """What people call each line of a movement."""
    words = in_language(lang, _PHRASES)
    return {name: words.get(f"line_{name}") or words[name] for name in LINES}


class StageMove(Result):
    """From where to where deals went.

    Attributes:
        source: The stage, sub-stage or outcome before.
        target: That after.
        deals: How many deals.
    """

    source: str
    target: str
    deals: int


class ComparedSnapshot(Result):
    """One of two snapshots.

    Attributes:
        rows: Its deals, without those that `later` counts.
        later: The rows that lie after the day; they are left out.
        unreadable: The deals that have an amount without a rate, or one that is infinite or too
            large to be told to the minor unit. They count as deals without an amount.
        labels: By fact, what labels in it were read as; `stage` is one of these facts.
    """

    rows: int
    later: int
    unreadable: int
    labels: Annotated[Mapping[str, Mapping[str, str]], Frozen] = Field(default_factory=FrozenDict)


class PipelineChanges(Report, Generic[FrameT]):
    """What `compare` found in two snapshots.

    Attributes:
        before: The earlier snapshot.
        after: The later one.
        counts: By kind of change, how many deals have it; a deal may have several:

            - `new`: it was not there;
            - `gone`: it is there no more;
            - `won`, `lost`, `disqualified`: it is so now, and was not;
            - `ended`: it has ended without an outcome, and that was not so;
            - `reopened`: it is open, and was closed or had ended;
            - `forward`, `back`: it is at a later or an earlier stage or sub-stage, in the order of
              the playbook, and open, won or ended as before;
            - `slipped`, `pulled_in`: it is open in both, and expected to close later, or earlier;
            - `grown`, `shrunk`: its amount is larger, or smaller; a missing one counts 0, unless
              the deal is closed without one;
            - `unchanged`: none of these.
        moves: From which stage or outcome to which, and how many deals; the most frequent first.
        movement: Of the value of open deals; None where no column holds the amount.
        period: The days of the expected close dates that make up the pipeline; None for all.
    """

    before: ComparedSnapshot
    after: ComparedSnapshot
    counts: Annotated[Mapping[str, int], Frozen]
    moves: tuple[StageMove, ...]
    movement: Movement | None
    period: tuple[date, date] | None
    _made: Callable[[], object] = PrivateAttr()

    @cached_property
    def changes(self) -> FrameT:
        """One row per deal that changed, in a frame of the caller's kind.

        Columns: the key under its own name; `what`, the kinds of `counts` that it has, with commas
        between them; `stage_before` and `stage_after`, the key of the stage, sub-stage or outcome;
        `amount_before` and `amount_after`, in the playbook's currency; `days_later`, by how many
        days the expected close date moved, below 0 where it is earlier. What is not known is
        missing. The order of rows means nothing. It is made on first access; that of lazy frames
        is lazy.
        """
        # narwhals gives back the kind of frame that it was given; its types cannot say so.
        return cast("FrameT", self._kept("_made")())

    def records(self) -> list[dict[str, str | int | Decimal | None]]:
        """The movement of value as rows, for a table, a frame or a chart; none without amounts.

        Keys: `line`, from `opening` to `closing` in their order; `amount`, in the currency of the
        movement, and `deals`, how many. What leaves the pipeline is above 0 as well.
        """
        if self.movement is None:
            return []
        lines = {name: getattr(self.movement, name) for name in LINES}
        return [
            {"line": name, "amount": it.amount, "deals": it.deals} for name, it in lines.items()
        ]

    def summary(self, lang: Language | None = None) -> str:
        """The changes as tables for people.

        Raises:
            UnknownName: There is no such language.
        """
        lang = spoken(lang, self)
        said, *told = self._told(lang)
        lines = [said]
        for head, rows, more in self._tables(lang, {}):
            lines += ["", *filter(None, (head, *aligned(rows, left=(0,)), more))]
        return "\n".join([*lines, *(part for it in told for part in ("", it))])

    def _told(self, lang: Language) -> Iterator[str]:
        """How many deals there are, and what could not be used of them, in sentences."""
        words = in_language(lang, _PHRASES)
        yield words["head"].format(before=self.before.rows, after=self.after.rows)
        if not any(self.counts.values()):
            yield words["nothing"]
        for name, side in (("before", self.before), ("after", self.after)):
            if side.unreadable:
                yield words[f"unreadable_{name}"].format(n=side.unreadable)

    def _tables(
        self, lang: Language, places: Mapping[str, str]
    ) -> Iterator[tuple[str, list[tuple[str, ...]], str]]:
        """What each table is of, its rows, and what is left out of it."""
        words = in_language(lang, _PHRASES)
        counts: list[tuple[str, ...]] = [
            (words[name], f"{number:,}") for name, number in self.counts.items() if number
        ]
        if counts:
            yield "", counts, ""
        if self.moves:
            moves: list[tuple[str, ...]] = [
                (
                    " → ".join(places.get(end, end) for end in (it.source, it.target)),
                    f"{it.deals:,}",
                )
                for it in self.moves[:_SHOWN]
            ]
            yield words["moves"], moves, and_more(len(self.moves) - _SHOWN, lang)
        if self.movement is not None:
            yield self._of_value(words), list(self._lines(self.movement, line_words(lang))), ""

    def _of_value(self, words: Mapping[str, str]) -> str:
        head = words["movement"]
        if self.movement is not None and self.movement.currency:
            head += words["in"].format(currency=self.movement.currency)
        if self.period is not None:
            first, last = (day.isoformat() for day in self.period)
            head += words["period"].format(first=first, last=last)
        return head

    def _lines(self, movement: Movement, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
        for name, word in names.items():
            line: MovementLine = getattr(movement, name)
            if line.deals or name in {"opening", "closing"}:
                yield f"{_SIGNS[name]:1} {word}", f"{line.amount:,}", f"{line.deals:,}"

    def _name(self, lang: Language) -> str:
        return _PHRASES["name"].get(lang)

    def _view(self, lang: Language) -> Iterator[Html]:
        yield from map(paragraph, self._told(lang))
        for head, rows, more in self._tables(lang, self._places(lang)):
            if head:
                yield heading(head)
            yield table([""] * len(rows[0]), rows, {1, 2}, more=more)

    def __repr__(self) -> str:
        changed = self.after.rows + self.counts["gone"] - self.counts["unchanged"]
        deals, unchanged = amount_of(changed, "deal"), self.counts["unchanged"]
        return f"<PipelineChanges: {deals} changed, {unchanged} did not>"


_PHRASES: Final[Mapping[str, Text]] = {
    "name": both(en="What has changed between two snapshots", zh="两次快照之间的变化"),
    "head": both(
        en="{before:,} deals before, {after:,} after",
        zh="之前 {before:,} 个项目，之后 {after:,} 个",
    ),
    "nothing": both(en="There are no deals.", zh="没有项目。"),
    "moves": both(en="from → to, deals", zh="从 → 到，项目数"),
    "movement": both(en="Value of open deals, and their number", zh="进行中金额与项目数"),
    "in": both(en=", in {currency}", zh="，单位 {currency}"),
    "period": both(
        en=", expected to close from {first} to {last}", zh="，预计成交日期为 {first} 至 {last}"
    ),
    "unreadable_before": both(
        en="Amounts before that cannot be used, and count as missing: {n:,}.",
        zh="之前无法使用的金额：{n:,} 个，按缺失计算。",
    ),
    "unreadable_after": both(
        en="Amounts after that cannot be used, and count as missing: {n:,}.",
        zh="之后无法使用的金额：{n:,} 个，按缺失计算。",
    ),
    "new": both(en="new", zh="新增"),
    "gone": both(en="gone", zh="已不在"),
    "ended": both(en="ended without an outcome", zh="已结束，无结果"),
    "reopened": both(en="reopened", zh="重新打开"),
    "forward": both(en="moved forward", zh="推进"),
    "back": both(en="moved back", zh="退回"),
    "slipped": both(en="expected to close later", zh="预计成交推迟"),
    "pulled_in": both(en="expected to close earlier", zh="预计成交提前"),
    "grown": both(en="grown", zh="金额增加"),
    "shrunk": both(en="shrunk", zh="金额减少"),
    "unchanged": both(en="unchanged", zh="无变化"),
    "line_opening": both(en="opening", zh="期初"),
    "line_slipped_in": both(en="slipped into the period", zh="移入本期"),
    "line_slipped_out": both(en="slipped out of the period", zh="移出本期"),
    "line_closing": both(en="closing", zh="期末"),
    **OUTCOMES,
}
