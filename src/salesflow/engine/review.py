"""A review: where a deal stands, what is met, what is missing, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, computed_field

from salesflow._frozen import Frozen, FrozenDict
from salesflow._result import LazyResult, Result
from salesflow._show import Html
from salesflow._shown import Printed
from salesflow.domain import ForecastCall, RequestRecord
from salesflow.engine._forecast_calls import differences
from salesflow.engine._review_show import blocks
from salesflow.errors import Problem, Severity
from salesflow.facts import ForecastCategory
from salesflow.playbook import (
    Criterion,
    Form,
    Guidance,
    Instrument,
    Position,
    Stage,
    SubStage,
    Track,
    TrackState,
)
from salesflow.qualify import Score
from salesflow.rules import Blocker, Verdict
from salesflow.schedule import Duty
from salesflow.text import Language, Text, language_of

__all__ = [
    "CriterionStatus",
    "ForecastCalls",
    "FormStatus",
    "HygieneFinding",
    "InstrumentStatus",
    "PossibleMove",
    "Review",
    "StageAge",
    "TrackMove",
    "TrackStatus",
]


class CriterionStatus(Result):
    """One criterion of the gate in front of the deal.

    Attributes:
        criterion: What ought to hold.
        verdict: YES, too, where the criterion does not apply.
        blocker: Why it is not met.
        applies: Whether it applies to this deal at all.
        request: Who asked for it last, of a decision, a judgement or an approval.
        evidence: What the words rest on that stand, in the order in which they were given. Whether
            it is required, the criterion says.
    """

    criterion: Criterion
    verdict: Verdict
    blocker: Blocker | None
    applies: Verdict = Verdict.YES
    request: RequestRecord | None = None
    evidence: tuple[str, ...] = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy does not know it over a property
    @property
    def lapsed(self) -> bool:
        """Whether something was said of it that fell away, because the facts changed."""
        parts = self.blocker.because if self.blocker else ()
        return any(part.code == "lapsed" for part in parts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def met(self) -> bool:
        """Whether it applies and holds."""
        return self.applies is not Verdict.NO and self.verdict is Verdict.YES


class InstrumentStatus(Result):
    """An instrument of the playbook.

    Attributes:
        instrument: The instrument, as the playbook has it.
        required: Whether the size policy asks for it; NO, too, where it does not apply.
        done: Whether it is complete.
        applies: Whether it applies to this deal at all.
        blocker: Why it is not complete, where it applies.
        evidence: What shows that it is. Whether that is required, the instrument says.
    """

    instrument: Instrument
    required: Verdict
    done: bool
    applies: Verdict = Verdict.YES
    blocker: Blocker | None = None
    evidence: str | None = None


class FormStatus(Result):
    """A form of the present stage.

    Attributes:
        form: What is filled in.
        applies: Whether it applies to this deal.
        depends_on: Where that is UNKNOWN, the facts that decide it and are not known.
        filled: Whether all is filled in that has to be; UNKNOWN while its record is not there; None
            for a form that is no record.
        missing: The headings of the columns that are empty; while the record is not there, what
            that is called.
        required: Whether the stage is left only with it.
    """

    form: Form
    applies: Verdict
    depends_on: tuple[str, ...] = ()
    filled: Verdict | None = None
    missing: tuple[Text, ...] = ()
    required: bool = False


class ForecastCalls(Result):
    """What a deal counts as in the forecast: by its stage, and by what people call it.

    Attributes:
        category: By where it stands: `"commit"`, `"best_case"`, `"pipeline"` or `"omitted"`;
            `"closed"` once it is won, `"omitted"` once it has ended otherwise, and None before the
            start.
        owner: The call of its owner that stands.
        manager: That of a manager.
        at_odds: Where one of the three is commit, the required criteria of stages and sub-stages
            that it has left, and that are NO or UNKNOWN today. Left out is what was waived, what
            held on another day, and what nobody asked of it; frames ask the same.

    Example:
        >>> from datetime import UTC, datetime
        >>> import salesflow as sf
        >>> engine = sf.StageEngine(sf.load_playbook("optimized_sales_process"))
        >>> now = datetime(2026, 1, 5, tzinfo=UTC)
        >>> deal = sf.Opportunity(id="D-1", name="Core banking", owner="li.wei")
        >>> began = sf.Adopt(by="li.wei", stage="opportunity_plan", entered_on="2026-01-02")
        >>> deal = engine.decide(deal, began, at=now).require()
        >>> call = sf.CallForecast(by="li.wei", category="commit", reason="They have signed")
        >>> deal = engine.decide(deal, call, at=now).require()
        >>> said = engine.review(deal, at=now).forecast_calls
        >>> print(*said.differences)
        By its stage it is pipeline; its owner calls it commit
        >>> said.at_odds[0].criterion.key, said.at_odds[0].verdict.value
        ('plan_written', 'unknown')
    """

    category: ForecastCategory | Literal["closed"] | None
    owner: ForecastCall | None = None
    manager: ForecastCall | None = None
    at_odds: tuple[CriterionStatus, ...] = ()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def differences(self) -> tuple[Text, ...]:
        """In words, of each two of the three that there are, what they say otherwise."""
        return differences(self.category, self.owner, self.manager)


class PossibleMove(Result):
    """A way from here: one that the process has, or one that its policy opens.

    Attributes:
        target: Where it leads; None is the end.
        title: What it is called, or where it leads.
        allowed: Whether it is open now; a note may still have to say why it is taken.
        how: A way of the process (`"move"`); past others (`"skip"`) or `"back"`, by the policy.
        blockers: Why it is not open.
    """

    target: Position | None
    title: Text
    allowed: bool
    how: Literal["move", "skip", "back"] = "move"
    blockers: tuple[Blocker, ...] = ()


class StageAge(Result):
    """How long a deal has been in its stage, or in its sub-stage, and how long it may be.

    A stay in a stage is that in all of its sub-stages together; coming back is another one.

    Attributes:
        since: When the stay began.
        days: The days since, until now or until the deal ended; without those on hold, where the
            playbook's clocks rest then.
        days_on_hold: The days on hold meanwhile, whether they count or not.
        max_days: The limit of the stage, or that of the sub-stage; None where it has none.
    """

    since: datetime
    days: int
    days_on_hold: int
    max_days: int | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_late(self) -> bool:
        """Whether it has been there for longer than its limit."""
        return self.max_days is not None and self.days > self.max_days


class HygieneFinding(Result):
    """A check of pipeline hygiene that is not YES of this deal.

    Attributes:
        check: `hygiene.<name>`, as in a report of `check_pipeline`.
        title: What ought to hold.
        severity: `error`, or `warning` for what is advisory.
        verdict: NO, or UNKNOWN where what is missing decides.
    """

    check: str
    title: Text
    severity: Severity
    verdict: Verdict


class TrackMove(Result):
    """A state that a track leads to from where it stands, and what that asks for.

    Attributes:
        state: The state.
        criteria: What it asks for, advisory criteria too.
        blockers: Exactly what `decide(MoveTrack)` would answer now.
    """

    state: TrackState
    criteria: tuple[CriterionStatus, ...]
    blockers: tuple[Blocker, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def allowed(self) -> bool:
        """Whether the track may move there."""
        return not self.blockers


class TrackStatus(Result):
    """Where a track of the deal stands, since when, and where it leads.

    Attributes:
        track: The track.
        applies: Whether it applies to the deal.
        state: Where it stands.
        since: When it came there.
        days: The days since, until now or until the deal ended; without those on hold, where the
            playbook's clocks rest then.
        moves: Where it leads; none for one that does not apply.
        days_on_hold: The days on hold meanwhile, whether they count or not.
    """

    track: Track
    applies: Verdict
    state: TrackState
    since: datetime
    days: int
    moves: tuple[TrackMove, ...]
    days_on_hold: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def is_late(self) -> bool:
        """Whether it has been there for longer than its limit."""
        most = self.state.max_days
        return most is not None and self.applies is not Verdict.NO and self.days > most


class Review(Printed, LazyResult):
    """The state of a deal, for a person to read or a program to show.

    Attributes:
        stage: None for a deal that is not started.
        sub_stage: None where the stage has none.
        moves: Where the process leads from here, the main way first.
        criteria: The criteria of the gate ahead, advisory ones too. Of several ways on, those of
            the first one that is open; where none is, those of all of them.
        blockers: Exactly what `decide(Advance)` would answer now.
        instruments: Those that the size policy asks for or may ask for, those done, and those that
            do not apply.
        scores: By scorecard.
        cycle: The last selling-cycle number that the deal has reached; None before the first.
        forecast_calls: What it counts as in the forecast, by its stage and by what people call it.
        working_towards: The selling-cycle number that the present stage or sub-stage leads to.
        due: What the playbook's cadences ask for, and the limits of its tracks, the most urgent
            first, each with its reason.
        duties: What each role has to do in this stage.
        guidance: Methods, difficulties, common problems, tools, coaching questions.
        problems: What is wrong with the facts and the team of the deal. An error is left out here,
            and other commands than `Amend` raise for it: a fact of another kind; of a deal that has
            not started, whatever the playbook does not know. A warning counts as missing: what an
            earlier playbook left, a value outside its list or its limits, an amount without a rate.
        forms: What is filled in in this stage; those that do not apply, too.
        tracks: Where each of the playbook's tracks stands; empty before the start.
        stands_at: Where the deal stands by the criteria that are met, along the main way. It is
            further on than the deal is booked where that could advance, and further back where
            what it has passed does not hold any more. None before the start and after the end.
        stage_age: How long it has been in the stage; None before the start.
        sub_stage_age: How long it has been in the sub-stage; None where it is in none.
        hygiene: What a [check of a frame][salesflow.pipeline.check_pipeline] of this one deal finds
            by its `hygiene` checks. Those that compare it with other deals, such as
            `hygiene.deal_age`, are left out; so are those of a host's own record that nothing
            decides that it has.
        roles: What people call each role of the playbook, by its key.
        places: What people call each of its stages and sub-stages.
    """

    stage: Stage | None
    sub_stage: SubStage | None
    criteria: tuple[CriterionStatus, ...]
    blockers: tuple[Blocker, ...]
    moves: tuple[PossibleMove, ...]
    instruments: tuple[InstrumentStatus, ...]
    scores: Annotated[Mapping[str, Score], Frozen]
    cycle: float | None
    working_towards: float | None
    due: tuple[Duty, ...]
    duties: Annotated[Mapping[str, tuple[Text, ...]], Frozen]
    guidance: Guidance
    forms: tuple[FormStatus, ...] = ()
    problems: tuple[Problem, ...] = ()
    tracks: tuple[TrackStatus, ...] = ()
    stands_at: Position | None = None
    stage_age: StageAge | None = None
    sub_stage_age: StageAge | None = None
    hygiene: tuple[HygieneFinding, ...] = ()
    forecast_calls: ForecastCalls = ForecastCalls(category=None)
    roles: Annotated[Mapping[str, Text], Frozen] = Field(default_factory=FrozenDict)
    places: Annotated[Mapping[str, Text], Frozen] = Field(default_factory=FrozenDict)

    def _language(self) -> Language:
        return language_of(next(iter(self.places.values()), None))

    def _view(self, lang: Language) -> Iterator[Html]:
        return blocks(self, lang)
