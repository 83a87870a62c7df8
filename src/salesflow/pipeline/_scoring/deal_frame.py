"""What is worked out for every deal of a frame: the parts that scores and size policy share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from salesflow._arguments import Arguments
from salesflow._frozen import FrozenDict
from salesflow.facts import NOT_APPLICABLE
from salesflow.pipeline._checks.catalogue import Check
from salesflow.pipeline._checks.check_plan import CheckPlan, CheckResult
from salesflow.pipeline._frames.deals import Deals
from salesflow.pipeline._frames.engines import native
from salesflow.pipeline._frames.fact_columns import FactColumns
from salesflow.pipeline._frames.frame_columns import FrameColumns
from salesflow.pipeline._frames.options import FrameOptions
from salesflow.pipeline._frames.position import Scope
from salesflow.pipeline._wording import amount_of, some_of
from salesflow.playbook import Playbook
from salesflow.playbook._questions import COUNTS, MARKED
from salesflow.qualify._hygiene_facts import GIVEN, LISTED
from salesflow.rules import Rule
from salesflow.rules.ast import REACHED, Flag
from salesflow.rules.columns import flip
from salesflow.text import both

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw

FrameT = TypeVar("FrameT")

_STANDING: Final = frozenset({"stage", "sub_stage", "outcome"})


@dataclass(frozen=True, slots=True)
class DealFrame(Generic[FrameT]):
    """A row per deal, and what of the caller's frame could not be used for it.

    Attributes:
        frame: In the caller's own kind; that of a lazy frame is lazy. The order of rows means
            nothing.
        rows: How many deals there are.
        unreadable: By fact, how many deals have a value that stands for nothing: a word that
            nobody explained, or an amount in a currency without a rate. It counts as unknown.
        lacking: The facts that were asked for and that no column holds; they count as unknown.
        later: The rows that lie after `as_of`: created or closed after it, or come later to where
            they are. They are left out.
        labels: By fact, and under `stage` for its column, what labels were read as that are no keys
            and that nobody explained.
    """

    frame: FrameT
    rows: int
    unreadable: Mapping[str, int]
    lacking: tuple[str, ...]
    later: int = 0
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=FrozenDict)

    def __repr__(self) -> str:
        bad = ", ".join(f"{name} {number}" for name, number in self.unreadable.items()) or "none"
        later = f", {self.later:,} after the day" if self.later else ""
        return (
            f"<DealFrame: {amount_of(self.rows, 'deal')}, unreadable values: {bad}, "
            f"{amount_of(len(self.lacking), 'fact')} without a column{later}>"
        )


@dataclass(frozen=True, slots=True)
class OpenedDeals:
    """A frame, opened for what is asked of it.

    Attributes:
        deals: Its columns.
        facts: The facts that it holds.
        plan: What looked at its content.
        rows: How many deals.
        unreadable: As in `DealFrame`.
        lacking: As in `DealFrame`.
        later: As in `DealFrame`.
    """

    deals: Deals
    facts: FactColumns
    plan: CheckPlan
    rows: int
    unreadable: Mapping[str, int]
    lacking: tuple[str, ...]
    later: int

    def select(self, columns: Mapping[str, nw.Expr]) -> DealFrame[Any]:
        """The key and these columns, in the caller's own kind of frame.

        Raises:
            FrameError: The engine refuses it.
        """
        key = self.deals.key
        work = self.plan.work(
            key.expr().alias(key.name),
            *(expr.alias(name) for name, expr in columns.items()),
            rows=flip(self.facts.where.later[0]),
        )
        with self.deals.asking():
            frame = native(work, eager=self.deals.columns.eager)
        labels = self.deals.columns.labels.told
        return DealFrame(frame, self.rows, self.unreadable, self.lacking, self.later, labels)


def opened_deals(
    given: Arguments,
    playbook: Playbook,
    options: FrameOptions,
    asked: Iterable[str],
    *,
    message: str,
    reserved: Collection[str],
) -> OpenedDeals:
    """Open a frame, and look once at what it has of the facts that are asked for.

    Its key may not be called like the columns of the result, which are `reserved`.

    Raises:
        FrameError: `problems` lists everything that is wrong.
        ArgumentError: The same, where an argument is among it.
    """
    names = tuple(asked)

    def held(columns: FrameColumns) -> tuple[str, ...]:
        return facts_held(playbook, names, lambda name: columns.column_of(name) is not None)

    deals = Deals(
        given,
        playbook,
        options,
        message=message,
        reserved=reserved,
        hidden=lambda fact: fact.startswith("score."),  # points are always counted
        needs_stage=lambda columns: (
            "stage" in columns.schema and any(map(_says_where, held(columns)))
        ),
    )
    read = held(deals.columns)
    if not deals.key.usable:
        deals.refuse_without_columns()
    columns, listed = deals.columns, deals.add_listed(read)
    checks = _readable(listed, deals, read)

    def ask() -> tuple[FactColumns, tuple[str, ...], CheckPlan, CheckResult]:
        facts = FactColumns.of(deals)
        lacking = tuple(
            name
            for name in read
            if (_says_where(name) and not deals.stage.usable and columns.column_of(name) is None)
            or not facts.has(name)
        )
        if read and len(lacking) == len(read):
            hint = f'name them: columns={{"{lacking[0]}": "…"}}'
            message = f"no column holds any of {some_of(lacking)}"
            columns.note("columns", message, hint, "no_column")
        plan = CheckPlan(deals, facts, checks)
        return facts, lacking, plan, plan.run()

    facts, lacking, plan, result = columns.asked(message, ask)
    unreadable = {name: count.no for name, count in result.counts.items() if count.no}
    return OpenedDeals(deals, facts, plan, result.rows, unreadable, lacking, result.later)


def _says_where(fact: str) -> bool:
    """The fact says where a deal stands."""
    return fact in _STANDING or fact.startswith(REACHED)


def facts_held(
    playbook: Playbook, asked: Iterable[str], is_held: Callable[[str], bool] = lambda _: False
) -> tuple[str, ...]:
    """The facts that columns have to hold for these to be known, in their order.

    One that `is_held` by a column of its own need not follow from others.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    left = list(dict.fromkeys(asked))
    while left:
        name = left.pop(0)
        if name in seen:
            continue
        seen.add(name)
        parts = None if is_held(name) else _parts(playbook, name)
        if parts is None:
            found[name] = None
            question = playbook.questions.get(name)
            rule = None if question is None else question.when
            parts = [] if rule is None else [*rule.reads]
        left[:0] = parts
    return tuple(found)


def _parts(playbook: Playbook, name: str) -> list[str] | None:
    """The facts that one is made of; None where it is made of no others."""
    head, _, rest = name.partition(".")
    if head == "score":
        card = playbook.scorecards[rest.rpartition(".")[0]]
        return [fact for item in card.items for fact in item.rule.reads]
    if name.startswith(NOT_APPLICABLE):
        return [rest]
    instrument = playbook.instruments.get(rest) if head == "done" else None
    if instrument is not None and instrument.check_rule is not None:
        return [*instrument.check_rule.reads]
    key = instrument.checklist if instrument is not None else None
    if head in playbook.checklists and rest in {*COUNTS, *MARKED}:
        key = head
    if key is None:
        return None
    return [f"{key}.{question.key}" for question in playbook.checklists[key].questions]


def _readable(listed: Iterable[str], deals: Deals, read: Collection[str]) -> list[Check]:
    """One check for every column that can hold what stands for nothing."""
    facts = deals.facts
    rules = {name: Rule.of(Flag(f"{LISTED}.{name}"), facts) for name in listed}
    for name in deals.converted:
        if name in read or name == "amount":
            rules[name] = Rule.parse(f"not {name}{GIVEN} or known({name})", facts)
    return [
        Check(
            key=name,
            rule=rule,
            scopes=(Scope("all"),),
            severity="error",
            title=both(en=f"{name} can be read", zh=f"{name} 可以读取"),
        )
        for name, rule in rules.items()
    ]
