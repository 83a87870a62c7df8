"""The process itself, as frozen records: roles, criteria, stages, moves, what is permitted."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from salesflow.facts import FORECAST_CATEGORIES, ForecastCategory
from salesflow.playbook._model_policy import (
    OFF,
    PERMIT,
    ROLE_KEY,
    STAGE_KEY,
    ApprovalPolicy,
    Permission,
)
from salesflow.playbook._parts import MATTERS
from salesflow.playbook._records import NOT_IN_FILE, READING, RecordShape, in_file
from salesflow.playbook._reference import Reference
from salesflow.playbook._shape import (
    Choice,
    FlagShape,
    Json,
    Key,
    NumberShape,
    RuleText,
    WordsIn,
    WordsShape,
)
from salesflow.playbook._tables import Field, List, Quorum, Table
from salesflow.rules import Rule
from salesflow.text import Text

KEY: Final = Key()
WHEN: Final = in_file(note="It applies where this is YES; where NO, it is not asked for.")
_TEXT: Final = WordsIn()
DAYS: Final = NumberShape(1, 3_650, whole=True)
SHARE: Final = NumberShape(0, 1)
_SHOWS: Final = Choice("required"), "Whoever says yes to it names what shows it."
EVIDENCE: Final = in_file(*_SHOWS)
VERSION: Final = WordsShape("a version such as 1.0.0", r"[0-9A-Za-z][0-9A-Za-z.+-]*", 40)
# What histories call the ends of a deal, that one is taken back, and that a deal is on hold or not
# any more; no stage may be called so.
PLACE: Final = Key(
    reserved=frozenset({"won", "lost", "disqualified", "ended", "retracted", "held", "resumed"})
)

CriterionKind = Literal["computed", "attested", "instruments", "decision", "judgement", "approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody's part in the process."""

    key: str = field(metadata=in_file(KEY))
    title: Text
    note: Text | None = None
    reading: bool = field(default=False, metadata=READING)


ROLE: Final = RecordShape("a role", Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Reference):
    """What must hold on entering or leaving a stage, or for a move.

    Attributes:
        key: Unique among all criteria and instruments of the playbook.
        title: What ought to hold, as a sentence.
        kind: `computed` by a rule; `attested` by a role; `instruments`: all that the size policy
            asks for are complete; `decision`: a go/no-go point; `judgement`: several roles judge;
            `approval`: those approve whom an approval policy names for this deal.
        rule: The rule, or None where the criterion is attested.
        when: The criterion applies where this holds; None: always. Of an approval also: that
            somebody has to approve at all.
        check_rule: The criterion in terms of facts, whatever its kind; YES where it does not apply.
        by: The role that attests it, decides it, or must see to it.
        advisory: It is shown but blocks nothing.
        scorecard: The card that is looked at before a decision.
        waive: Who may waive it: its own permission, or else the policy's.
        roles: Those whose go or kill counts, of a decision or a judgement, and all that may have
            to approve; else empty.
        needed: How many of them must say go; 0 where nobody is asked.
        consulted: Roles that judge too while another one decides; their word does not count.
        not_by: Who may not attest or judge it, whatever their roles: `"owner"`, the deal's owner;
            `"requester"`, who asked for it last, and who gave one of the facts in `lapses_on` the
            value that it has.
        distinct: Each of its roles is spoken for by another person.
        approval: The policy that says who approves.
        lapses_on: Facts: what was said of it stands while they have the values that they had.
        note_against_score: A go needs a note where the scorecard is certain to say the least.
        follow_up: Whoever judges it names a follow-up measure, whatever the verdict.
        reading: It is the author's reading; the source does not say it.
        evidence: `"required"`: whoever attests it or says go names what that rests on.
    """

    told: ClassVar[tuple[str, ...]] = (
        "key",
        "title",
        "kind",
        "by",
        "advisory",
        "note",
        "scorecard",
        "roles",
        "evidence",
    )

    key: str
    title: Text
    kind: CriterionKind
    rule: Rule | None
    check_rule: Rule
    when: Rule | None = None
    by: str | None = None
    advisory: bool = False
    note: Text | None = None
    scorecard: str | None = None
    waive: Permission = OFF
    roles: tuple[str, ...] = ()
    needed: int = 0
    consulted: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    distinct: bool = False
    approval: ApprovalPolicy | None = None
    lapses_on: tuple[str, ...] = ()
    note_against_score: bool = False
    follow_up: bool = False
    reading: bool = False
    evidence: Literal["required"] | None = None


_JUDGEMENT: Final = Table(
    "a judgement",
    {
        "roles": Field(
            List(ROLE_KEY, 50, least=1, unique=""), "The roles that judge.", required=True
        ),
        "quorum": Field(Quorum(), "How many of them must say go.", default="all"),
        "decides": Field(KEY, "The one of the roles whose word counts, instead of a quorum."),
        "follow_up": Field(FlagShape(), "Whoever judges names a follow-up measure.", default=False),
    },
)

# What a file says of a criterion, and what a `Criterion` says, differ too much for one declaration:
# the kind, the rule and the roles that count follow from several keys together.
_NAMED: Final[tuple[Json, ...]] = tuple(
    {"required": [way]} for way in ("rule", "decision", "judgement", "approval")
)
CRITERION: Final = Table(
    "a criterion",
    one_of=(
        *_NAMED,
        {"required": ["instruments"], "properties": {"instruments": {"const": True}}},
        {
            "required": ["by"],
            "properties": {"instruments": {"const": False}},
            "not": {"anyOf": [*_NAMED]},
        },
    ),
    fields={
        "key": Field(KEY, "Unique among all criteria and instruments.", required=True),
        "title": Field(_TEXT, "What ought to hold, as a sentence.", required=True),
        "rule": Field(RuleText(), "Computed: what must be YES."),
        "when": Field(RuleText(), "It applies where this is YES; where NO, it is not asked."),
        "by": Field(ROLE_KEY, "The role that attests it, decides it, or must see to it."),
        "decision": Field(Key("scorecard"), "A go/no-go point: the scorecard that is looked at."),
        "instruments": Field(
            FlagShape(),
            "Every instrument that the size policy asks for is complete.",
            default=False,
        ),
        "not_by": Field(
            List(Choice("owner", "requester"), unique=""),
            "Who may not attest or judge it, whatever their roles.",
        ),
        "distinct": Field(
            FlagShape(), "Each of its roles is spoken for by another person.", default=False
        ),
        "judgement": Field(_JUDGEMENT, "Several roles judge, on each visit of the stage anew."),
        "approval": Field(Key("approval"), "Those approve whom this approval policy names."),
        "lapses_on": Field(
            List(WordsShape("a fact's name", refers="fact"), unique=""),
            "What was said of it stands only while these facts are what they were.",
        ),
        "note_against_score": Field(
            FlagShape(), "A go needs a note where the scorecard says the least.", default=False
        ),
        "evidence": Field(*_SHOWS),
        "waive": Field(PERMIT, "Who may waive it, instead of what the policy says."),
        "advisory": Field(FlagShape(), "Shown, but never in the way.", default=False),
        "note": Field(_TEXT),
        "reading": Field(
            FlagShape(), "It is our reading; the source does not say it.", default=False, prose=True
        ),
    },
)
CRITERIA: Final = List(CRITERION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form(Reference):
    """Something to fill in.

    Attributes:
        key: Unique in its stage; of a form with a record unique in the playbook.
        title: What it is called.
        fields: The names of what is filled in.
        when: It applies where this holds; None: always.
        record: The record of a deal that is this form, by the key of its group of facts; then
            `form.<key>.missing` says how many of its columns are empty.
        columns: The fields of that record that must be filled; empty: what the group itself counts
            as missing.
        required: The stage is not left until it is filled in: a criterion that has its key.
        reading: It is the author's reading; the source does not say it.
    """

    told: ClassVar[tuple[str, ...]] = ("key", "title", "fields", "record", "required")

    key: str = field(metadata=in_file(KEY))
    title: Text
    fields: tuple[Text, ...] = field(default=(), metadata=in_file(note="What is filled in."))
    when: Rule | None = field(default=None, metadata=WHEN)
    record: str | None = field(
        default=None, metadata=in_file(KEY, "The group of records whose record is this form.")
    )
    columns: tuple[str, ...] = field(
        default=(),
        metadata=in_file(
            List(WordsShape("the name of a column"), unique=""),
            "Fields of the record that must be filled; by default what it counts as missing.",
        ),
    )
    required: bool = field(
        default=False, metadata=in_file(note="The stage is not left until it is filled in.")
    )
    reading: bool = field(default=False, metadata=READING)


class _Forms(List):
    """The forms of a stage; of these what a deal has to fill in, or a rule asks about, counts."""

    __slots__ = ()
    nothing_where_empty = True

    def write(self, value: object, *, behaviour: bool) -> Json:
        if behaviour and isinstance(value, tuple):
            value = tuple(form for form in value if form.get(MATTERS))
        return super().write(value, behaviour=behaviour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance(Reference):
    """What helps a person in a stage."""

    methods: tuple[Text, ...] = ()
    difficulties: tuple[Text, ...] = ()
    common_problems: tuple[Text, ...] = ()
    tools: tuple[Text, ...] = ()
    coaching_questions: tuple[Text, ...] = ()


_GUIDANCE: Final = RecordShape("guidance", Guidance)
_DUTIES: Final = Table(
    "a role's duties",
    {
        "role": Field(ROLE_KEY, required=True),
        "items": Field(List(_TEXT, least=1), required=True),
        "reading": Field(FlagShape(), "They are our reading.", default=False),
    },
)


_PLACE_KEY: Final = in_file(PLACE, "Unique among stages and sub-stages.")
_CYCLE: Final = in_file(NumberShape(0, 100), "Selling-cycle number that completing it reaches.")
_PROBABILITY: Final = in_file(SHARE, "Chance of winning while in it, 0 to 1.")
_FORECAST: Final = in_file(
    Choice(*FORECAST_CATEGORIES), "What its deals count as in the forecast.", default=None
)
_BACK: Final = in_file(
    PERMIT, "Who may come back into it, instead of what the policy says.", default=None
)
MAX_DAYS: Final = in_file(DAYS, "Days after which a deal has been here too long.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubStage(Reference):
    """A part of a stage that a deal sits in. Attributes as those of a stage, but of this part."""

    told: ClassVar[tuple[str, ...]] = (
        "key",
        "title",
        "goal",
        "cycle",
        "probability",
        "forecast",
        "max_days",
    )

    key: str = field(metadata=_PLACE_KEY)
    title: Text
    goal: Text | None = None
    cycle: float | None = field(default=None, metadata=_CYCLE)
    probability: float | None = field(default=None, metadata=_PROBABILITY)
    forecast: ForecastCategory = field(default="pipeline", metadata=_FORECAST)
    max_days: int | None = field(default=None, metadata=MAX_DAYS)
    back: Permission | None = field(default=None, metadata=_BACK)
    entry: tuple[Criterion, ...] = field(default=(), metadata=in_file(CRITERIA))
    exit: tuple[Criterion, ...] = field(default=(), metadata=in_file(CRITERIA))
    reading: bool = field(default=False, metadata=READING)


SUB_STAGE: Final = RecordShape("a sub-stage", SubStage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Reference):
    """A stage of the process.

    Attributes:
        key: Unique among stages and sub-stages.
        probability: Chance of winning while in it, 0 to 1.
        forecast: What its open deals count as in the forecast: what it says itself, or else the
            default; of a stage with sub-stages that says nothing, the least certain of theirs.
        max_days: Days after which a deal has been here too long, all its sub-stages together.
        cycle: The selling-cycle number that completing it reaches.
        wins: The deal is won by completing this stage.
        final: The deal may end here.
        back: Who may come back into it, where it says so itself.
        buying_phase: Where the customer is in buying meanwhile.
        duties: By role.
        duties_by_reading: The roles whose duties are the author's reading.
        forms: What is filled in here.
        reading: It is the author's reading; the source does not say it.
    """

    told: ClassVar[tuple[str, ...]] = (
        "key",
        "title",
        "goal",
        "buying_phase",
        "cycle",
        "probability",
        "forecast",
        "max_days",
        "wins",
        "final",
    )

    key: str = field(metadata=_PLACE_KEY)
    title: Text
    goal: Text | None = None
    buying_phase: Text | None = field(
        default=None, metadata=in_file(note="Where the customer is in buying meanwhile.")
    )
    source: Text | None = field(
        default=None, metadata=in_file(note="Document and section this comes from.")
    )
    cycle: float | None = field(default=None, metadata=_CYCLE)
    probability: float | None = field(default=None, metadata=_PROBABILITY)
    forecast: ForecastCategory = field(default="pipeline", metadata=_FORECAST)
    max_days: int | None = field(default=None, metadata=MAX_DAYS)
    wins: bool = field(
        default=False, metadata=in_file(note="The deal is won by completing this stage.")
    )
    final: bool = field(
        default=False, metadata=in_file(note="The deal may end here, though moves lead on.")
    )
    back: Permission | None = field(default=None, metadata=_BACK)
    entry: tuple[Criterion, ...] = field(default=(), metadata=in_file(CRITERIA))
    exit: tuple[Criterion, ...] = field(default=(), metadata=in_file(CRITERIA))
    sub_stages: tuple[SubStage, ...] = field(default=(), metadata=in_file(List(SUB_STAGE, 20)))
    duties: Mapping[str, tuple[Text, ...]] = field(
        metadata=in_file(List(_DUTIES, unique="role"), default=(), prose=True)
    )
    duties_by_reading: tuple[str, ...] = field(default=(), metadata=NOT_IN_FILE)
    deliverables: tuple[Text, ...] = ()
    forms: tuple[Form, ...] = field(
        default=(), metadata=in_file(_Forms(RecordShape("a form", Form), unique="key"))
    )
    guidance: Guidance = field(
        default=Guidance(), metadata=in_file(_GUIDANCE, default=None, prose=True)
    )
    reading: bool = field(default=False, metadata=READING)


STAGE: Final = RecordShape("a stage", Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position(Reference):
    """Where a deal can be: a stage without sub-stages, or a sub-stage.

    Attributes:
        entry: Its own criteria, after the stage's where it is the first of the stage.
        exit: Its own criteria, before the stage's where it is the last of the stage.
        cycle: Its own or else the stage's; so too `probability` and `forecast`.
        max_days: Days after which a deal has been in it too long: of a sub-stage its own alone.
        final: The deal may end here.
        back: Who may come back here, where no move of the playbook leads: what it says itself, or
            its stage, or else the policy.
    """

    told: ClassVar[tuple[str, ...]] = (
        "key",
        "title",
        "cycle",
        "probability",
        "forecast",
        "max_days",
        "final",
    )

    key: str
    stage: Stage
    sub_stage: SubStage | None
    entry: tuple[Criterion, ...]
    exit: tuple[Criterion, ...]
    cycle: float | None
    probability: float | None
    max_days: int | None
    final: bool
    back: Permission = OFF

    @property
    def forecast(self) -> ForecastCategory:
        """What an open deal here counts as in the forecast."""
        return self.sub_stage.forecast if self.sub_stage else self.stage.forecast

    @property
    def title(self) -> Text:
        """The sub-stage's title, or the stage's."""
        return self.sub_stage.title if self.sub_stage else self.stage.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A way from one position to another; open when its rule, if any, is YES.

    Attributes:
        source: The key of a position.
        target: The key of a position, or `ended`.
        criteria: What must hold for this move, beside what the stages ask for.
        back: It leads back, so that what the stages ask for is not asked.
        new_deal: It opens a new deal at the target; this deal does not take it.
    """

    source: str = field(metadata=in_file(STAGE_KEY, name="from"))
    target: str = field(
        metadata=in_file(Key("target"), 'A stage or sub-stage, or "ended".', name="to")
    )
    title: Text | None = None
    rule: Rule | None = field(
        default=None, metadata=in_file(note="What must be YES for this move.")
    )
    back: bool = field(
        default=False,
        metadata=in_file(
            note="It leads back and asks only for its own criteria; by default as the graph says.",
            default=None,
        ),
    )
    new_deal: bool = field(
        default=False, metadata=in_file(note="It opens a new deal and is no way of this one.")
    )
    criteria: tuple[Criterion, ...] = field(
        default=(),
        metadata=in_file(CRITERIA, "What must hold for this move, beside the stages'."),
    )
    reading: bool = field(default=False, metadata=READING)


MOVE: Final = RecordShape("a move", Move)
