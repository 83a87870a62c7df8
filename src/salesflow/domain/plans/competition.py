"""Competition: the competitors, the strategy that the situation recommends, and our choice."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from salesflow._data import read_data
from salesflow.domain._base.checks import CheckedRecord, Unique
from salesflow.domain._base.record import Label, Level, Note, Record
from salesflow.domain._base.times import Day
from salesflow.domain.decision_table import DecisionTable, TableResult

_ONCE: Final = Unique("name", "competitor_twice", "they are there already")


class CompetitorMove(Record):
    """Something that a competitor did, or is about to do.

    Attributes:
        what: What they did or are about to do.
        seen_on: The day when we learned of it.
        seen_by: The person who told us.
        answer: What we do about it; None: nothing yet.
    """

    what: Note
    seen_on: Day | None = None
    seen_by: Label | None = None
    answer: Note | None = None


class Competitor(Record):
    """A company that wants this deal as well.

    Source: "Project tracking process sheet", stage 6 (competitor analysis: strengths, weaknesses,
    moves); "Optimized Sales Process v2.1", steps 3, 5 and 6.

    Attributes:
        name: Their name.
        position: The present supplier, a new one, the customer itself, or the customer's choice
            to decide nothing.
        threat: How dangerous they are in this deal.
        offer: What they offer, and for how much.
        strengths: What they do better than we do.
        weaknesses: What they do worse than we do.
        differences: What sets us apart from them.
        partners: The companies with which they work.
        supporters: Names of contacts at the customer who favour them.
        claims: What they say about us that may mislead the customer.
        moves: What they did and are about to do.

    Example:
        >>> rival = Competitor(name="Rival", moves=(CompetitorMove(what="Cut the price"),))
        >>> rival.unanswered[0].what
        'Cut the price'
    """

    name: Label
    position: Literal["incumbent", "challenger", "in_house", "no_decision"] | None = None
    threat: Level | None = None
    offer: Note | None = None
    strengths: tuple[Note, ...] = ()
    weaknesses: tuple[Note, ...] = ()
    differences: tuple[Note, ...] = ()
    partners: tuple[Label, ...] = ()
    supporters: tuple[Label, ...] = ()
    claims: tuple[Note, ...] = ()
    moves: tuple[CompetitorMove, ...] = ()

    @property
    def unanswered(self) -> tuple[CompetitorMove, ...]:
        """The moves that we do nothing about yet."""
        return tuple(move for move in self.moves if move.answer is None)


class CompetitorAnalysis(CheckedRecord):
    """All competitors of one deal, as we see them on one day.

    Attributes:
        opportunity: Id of the deal.
        made_on: The day of the analysis.
        competitors: The competitors, each name once.
    """

    opportunity: Label
    made_on: Day | None = None
    competitors: Annotated[tuple[Competitor, ...], _ONCE] = ()


CompetitiveStrategy = Literal["frontal", "flanking", "fragment", "defend", "develop"]
"""Win head on; change the criteria; win a part; keep what is ours; prepare the next deal."""

_Answer = Literal["yes", "no"]

STRATEGIES: Final = DecisionTable.model_validate(read_data(__package__, "strategies.toml"))
"""The strategy that a situation recommends. "Optimized Sales Process v2.1", step 3, asks for a
competitive strategy without listing any; the five are common knowledge of Target Account Selling,
and the rows are our reading. Make your own with `DecisionTable.of`."""


class StrategyAssessment(Record):
    """The situation on which a strategy depends; None: not known.

    Attributes:
        we_are_there: Whether the customer works with our solution already.
        decides_now: Whether the customer has to decide soon.
        criteria_favour_us: Whether we are clearly ahead by the present criteria.
        people_favour_us: Whether the people who decide favour us.
        criteria_can_change: Whether we can still change the criteria.
        part_is_ours: Whether a part of the project is clearly ours to win.
    """

    we_are_there: _Answer | None = None
    decides_now: _Answer | None = None
    criteria_favour_us: _Answer | None = None
    people_favour_us: _Answer | None = None
    criteria_can_change: _Answer | None = None
    part_is_ours: _Answer | None = None

    def recommended(self, table: DecisionTable = STRATEGIES) -> TableResult:
        """The strategy by `table`; open as long as a missing answer can still change it."""
        return table.decide(dict(self))


class CompetitionPlan(CheckedRecord):
    """How we mean to win against others.

    The recommendation follows from the assessment; people make the choice. The two are independent:
    a choice never changes the assessment, nor does the assessment change the choice.

    Attributes:
        assessment: The situation from which the recommendation follows.
        chosen: The strategy that was chosen; None: none yet.
        chosen_by: The person who chose it.
        why: The reason of the choice; needed where it differs from the recommendation.
        competitors: The competitors, each name once; None: nobody has looked; empty: somebody
            looked and found none.
        steps: How their influence is reduced.

    Example:
        >>> plan = CompetitionPlan(
        ...     assessment=StrategyAssessment(we_are_there="no", decides_now="no"),
        ...     chosen="flanking",
        ... )
        >>> plan.recommended.result, plan.chosen, plan.follows_advice
        ('develop', 'flanking', False)
    """

    assessment: StrategyAssessment = StrategyAssessment()
    chosen: CompetitiveStrategy | None = None
    chosen_by: Label | None = None
    why: Note | None = None
    competitors: Annotated[tuple[Competitor, ...] | None, _ONCE] = None
    steps: Note | None = None

    @property
    def recommended(self) -> TableResult:
        """The strategy by [`STRATEGIES`][salesflow.domain.STRATEGIES]."""
        return self.assessment.recommended()

    @property
    def follows_advice(self) -> bool | None:
        """Whether the choice is the recommended one.

        None while nothing is chosen, or while the advice is open and could still become the
        choice. A choice that the advice cannot become any more does not follow it.
        """
        advised = self.recommended
        if self.chosen is None:
            return None
        if self.chosen not in advised.possible:
            return False
        return None if advised.result is None else True
