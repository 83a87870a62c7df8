"""The competitive strategy: what the situation recommends, and what people choose."""

from __future__ import annotations

from typing import Final, Literal

from salesflow.domain._base.checks import CheckedRecord
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain.decision_table import DecisionRow, DecisionTable, TableInput, TableResult
from salesflow.domain.plans.competitor import Competitors
from salesflow.text import both

CompetitiveStrategy = Literal["frontal", "flanking", "fragment", "defend", "develop"]
"""Win head on; change the criteria; win a part; keep what is ours; prepare the next deal."""

_YES_NO: Final = ("yes", "no")

STRATEGIES: Final = DecisionTable(
    title=both(en="Competitive strategy", zh="竞争策略"),
    inputs=(
        TableInput(
            key="we_are_there",
            title=both(
                en="The customer works with our solution already", zh="客户已在使用我方方案"
            ),
            choices=_YES_NO,
        ),
        TableInput(
            key="decides_now",
            title=both(en="The customer has to decide soon", zh="客户近期必须决定"),
            choices=_YES_NO,
        ),
        TableInput(
            key="criteria_favour_us",
            title=both(
                en="By the present criteria we are clearly ahead", zh="按现行标准我方明显领先"
            ),
            choices=_YES_NO,
        ),
        TableInput(
            key="people_favour_us",
            title=both(en="The people who decide favour us", zh="决策者倾向我方"),
            choices=_YES_NO,
        ),
        TableInput(
            key="criteria_can_change",
            title=both(en="We can still change what is decided by", zh="我方仍能影响评判标准"),
            choices=_YES_NO,
        ),
        TableInput(
            key="part_is_ours",
            title=both(
                en="A part of the project is clearly ours to win", zh="项目中有一部分我方明显占优"
            ),
            choices=_YES_NO,
        ),
    ),
    rows=(
        DecisionRow(
            when={"we_are_there": ("yes",)},
            result="defend",
            why=both(
                en="Keep what we have: raise the cost of changing",
                zh="守住已有阵地，提高客户更换的代价",
            ),
        ),
        DecisionRow(
            when={"decides_now": ("no",)},
            result="develop",
            why=both(
                en="Nothing presses: build the ground for later", zh="没有紧迫性，为以后打基础"
            ),
        ),
        DecisionRow(
            when={"criteria_favour_us": ("yes",), "people_favour_us": ("yes",)},
            result="frontal",
            why=both(
                en="Clearly ahead in the matter and with the people", zh="方案与人脉都明显领先"
            ),
        ),
        DecisionRow(
            when={"criteria_can_change": ("yes",)},
            result="flanking",
            why=both(
                en="Not ahead by these criteria: change them", zh="按现行标准不占优，设法改变标准"
            ),
        ),
        DecisionRow(
            when={"part_is_ours": ("yes",)},
            result="fragment",
            why=both(en="The whole is out of reach: win a part", zh="整体难以取胜，先赢下一部分"),
        ),
        DecisionRow(
            result="develop",
            why=both(
                en="No way to win now: prepare the next deal", zh="目前难以取胜，为下一次机会做准备"
            ),
        ),
    ),
)
"""The strategy that a situation recommends. "Optimized Sales Process v2.1", step 3, asks for a
competitive strategy without listing any; the five are common knowledge of Target Account Selling,
and the rows are our reading. Make your own the same way."""

_Answer = Literal["yes", "no"]


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
        return table.decide({name: getattr(self, name) for name in StrategyAssessment.model_fields})


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
    competitors: Competitors | None = None
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
