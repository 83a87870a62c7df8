"""What people may do to a deal, as frozen records: permissions and the policy."""

# Without `from __future__ import annotations`: the types of fields say what a file may give.
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeVar

from salesflow.facts import Facts
from salesflow.playbook._parts import RawTable, with_before
from salesflow.playbook._problem_log import ProblemLog
from salesflow.playbook._records import NOT_IN_FILE, READING, RecordShape, in_file
from salesflow.playbook._shape import Json, Key, Shape, WordsShape
from salesflow.playbook._tables import List, Table
from salesflow.rules import Rule
from salesflow.text import Text

PermissionT = TypeVar("PermissionT", bound="Permission")

ROLE_KEY: Final = Key("role")
STAGE_KEY: Final = Key("stage")
_ROLES: Final = List(ROLE_KEY, 50, least=1, unique="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether something may be done, by whom, and when.

    Attributes:
        allowed: Whether anybody may.
        roles: Only these; empty: everybody.
        note: A note must say why.
        stages: Only in these stages and sub-stages; empty: in each.
        rule: What must be YES.
        asks: What the rule asks for, as a sentence.
        when: All of this is asked only where this is YES; anybody may where it is NO.
    """

    allowed: bool = field(default=True, metadata=NOT_IN_FILE)
    roles: tuple[str, ...] = field(default=(), metadata=in_file(_ROLES, "Only these roles."))
    note: bool = field(default=False, metadata=in_file(note="A note must say why."))
    stages: tuple[str, ...] = field(
        default=(), metadata=in_file(List(STAGE_KEY, unique=""), "Only in these stages.")
    )
    rule: Rule | None = field(default=None, metadata=in_file(note="What must be YES."))
    asks: Text | None = field(
        default=None, metadata=in_file(note="What the rule asks for, as a sentence.")
    )
    when: Rule | None = field(
        default=None, metadata=in_file(note="It is asked only where this is YES.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """A deal for which `when` holds, and for which no earlier row does, needs these approvals.

    Attributes:
        roles: Who approves; empty: nobody needs to.
        in_order: Each of them only after those listed before.
    """

    when: Rule
    roles: tuple[str, ...] = field(
        default=(), metadata=in_file(List(ROLE_KEY, 20, unique=""), "Who approves.")
    )
    in_order: bool = field(
        default=False, metadata=in_file(note="Each only after those listed before.")
    )
    title: Text | None = None
    reading: bool = field(default=False, metadata=READING)


_APPROVAL_ROW: Final = RecordShape("a row of an approval policy", ApprovalRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPolicy:
    """Who has to approve something, by what is approved: the first row that holds says it."""

    key: str = field(metadata=in_file(Key()))
    title: Text
    rows: tuple[ApprovalRow, ...] = field(metadata=in_file(List(_APPROVAL_ROW, 20, least=1)))

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that approves in some row."""
        return tuple(dict.fromkeys(role for row in self.rows for role in row.roles))


APPROVAL_POLICY: Final = RecordShape("an approval policy", ApprovalPolicy)
OFF: Final = Permission(allowed=False)
ON: Final = Permission()
_SWITCH: Final = {"off": OFF, "on": ON}
_CONDITIONS: Final = RecordShape("a permission", Permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipPolicy(Permission):
    """Who may pass stages by, and what becomes of the criteria of these stages.

    Attributes:
        criteria: `"asked"`: what the stages in between ask for is asked on passing them by;
            `"waived"`: it is not asked of a deal that was not there.
    """

    criteria: Literal["asked", "waived"] = field(
        default="waived", metadata=in_file(note="What the stages in between ask for.")
    )

    @property
    def waives(self) -> bool:
        """Whether a deal may be past a stage without what that asks for."""
        return self.allowed and self.criteria == "waived"


_NO_SKIPPING: Final = SkipPolicy(allowed=False)
_SKIPPING: Final = RecordShape("a permission to pass stages by", SkipPolicy)


class PermitShape(Shape, Generic[PermissionT]):
    """Who may do something: "off", "on", a list of roles, or a table with conditions.

    The canonical form is a permission, of a table the table. A list of roles asks for a note, too.
    """

    __slots__ = ("_record", "_table", "holds")
    as_is = False

    def __init__(self, table: RecordShape[PermissionT], record: type[PermissionT]) -> None:
        self._table = table
        self._record = record
        self.holds = table.holds

    @property
    def table(self) -> Table | None:
        return self._table

    def read(self, value: object, path: str, log: ProblemLog) -> object:
        if isinstance(value, dict):
            return self._table.read(value, path, log)
        if isinstance(value, list):
            roles = _ROLES.read(value, path, log)
            return Permission(roles=roles, note=True) if isinstance(roles, tuple) else None
        if isinstance(value, str):
            if value in _SWITCH:
                return _SWITCH[value]
            hint = f'roles are a list: ["{value[:60]}"]'
            return log.add(path, 'this is neither "off" nor "on"', hint, "choice")
        return log.wrong_type(path, '"off", "on", a list of roles or a table', value)

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> object:
        if isinstance(value, RawTable):
            return self._table.with_rules(value, path, facts, log)
        return value

    def leaves(self, value: object, path: str, what: str) -> Iterator[tuple[str, str, object]]:
        if isinstance(value, RawTable):
            yield from self._table.leaves(value, path, what)
        elif isinstance(value, Permission) and what in _ROLES.holds:
            yield from _ROLES.leaves(value.roles, path, what)

    def value(self, value: object) -> PermissionT:
        if isinstance(value, RawTable):
            return self._table.make(value)
        plain = value if isinstance(value, Permission) else OFF
        return self._record(allowed=plain.allowed, roles=plain.roles, note=plain.note)

    def write(self, value: object, *, behaviour: bool) -> Json:
        if isinstance(value, RawTable):
            return self._table.write(value, behaviour=behaviour)
        if isinstance(value, Permission) and value.roles:
            return _ROLES.write(value.roles, behaviour=behaviour)
        return "on" if value == ON else "off"

    def schema(self) -> dict[str, Json]:
        forms: list[Json] = [{"enum": list(_SWITCH)}, _ROLES.schema(), self._table.schema()]
        return {"anyOf": forms}


PERMIT: Final = PermitShape(_CONDITIONS, Permission)
_SKIP: Final = PermitShape(_SKIPPING, SkipPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPolicy(Permission):
    """Who may amend one field of a deal, and when; of several for one field each is asked.

    Its rules read the values that the deal would have; `before.<fact>` is the one that it has.

    Attributes:
        name: The field of an Opportunity, or the fact that the playbook declares.
    """

    name: str = field(
        metadata=in_file(WordsShape("a field or a fact", r"[a-z][a-z0-9_.]*", 121), "The field.")
    )


class _Fields(List):
    """Policies of fields, whose rules may read the deal as it would be, and as it is."""

    __slots__ = ()

    def with_rules(self, value: object, path: str, facts: Facts, log: ProblemLog) -> object:
        return super().with_rules(value, path, with_before(facts) if value else facts, log)


_FIELDS: Final = _Fields(RecordShape("a policy of a field", FieldPolicy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What people may do to a deal, beside what its gates ask for.

    Attributes:
        start: Starting in the first stage.
        start_later: Starting in a later position.
        adopt: Taking over a deal that is under way.
        advance: Going on where the process leads, through the gate.
        skip: Going on to a later stage, past others.
        back: Going back to a position where it has been.
        win: Winning it.
        lose: Losing it.
        disqualify: Disqualifying it.
        reopen: Taking up a deal that has ended, in a position that it really reached.
        retract: Taking back a win, a loss or a disqualification; always with a note.
        hold: Putting it on hold.
        resume: Resuming it.
        answer: Answering questions of checklists.
        complete: Completing instruments and duties.
        waive: Waiving a required criterion that does not say itself who may; always with a reason.
        call_forecast: Calling the forecast of somebody else's deal, as a manager; its owner always
            may.
        amend: Amending its fields while it is open.
        amend_closed: Amending them after it has ended.
        migrate: Taking it over into this version of the playbook.
        request: Asking for a decision, a judgement or an approval.
        delegate: Giving a role that one has to a substitute.
        roles: Whether a role that a command names has to be the person's in the deal's team
            (`"of_team"`), or is taken as it is claimed.
        pause_on_hold: Whether clocks rest while a deal is on hold: those of due dates, of the stay
            in a stage and of the sales cycle.
        fields: Who may amend single fields, beside `amend`.
        reading: It is the author's reading; the source does not say it.
    """

    start: Permission = field(default=ON, metadata=in_file(PERMIT, "Starting in the first stage."))
    start_later: SkipPolicy = field(
        default=_NO_SKIPPING, metadata=in_file(_SKIP, "Starting in a later stage.", default=OFF)
    )
    adopt: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Taking over a deal that is under way.")
    )
    advance: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Going on where the process leads.")
    )
    skip: SkipPolicy = field(
        default=_NO_SKIPPING,
        metadata=in_file(_SKIP, "Going on to a later stage, past others.", default=OFF),
    )
    back: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Going back to where the deal has been.")
    )
    win: Permission = field(default=ON, metadata=in_file(PERMIT, "Winning the deal."))
    lose: Permission = field(default=ON, metadata=in_file(PERMIT, "Losing the deal."))
    disqualify: Permission = field(default=ON, metadata=in_file(PERMIT, "Disqualifying the deal."))
    reopen: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Taking up a deal again that has ended.")
    )
    retract: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Taking back a win, a loss or a disqualification.")
    )
    hold: Permission = field(default=ON, metadata=in_file(PERMIT, "Putting the deal on hold."))
    resume: Permission = field(default=ON, metadata=in_file(PERMIT, "Resuming the deal."))
    answer: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Answering questions of checklists.")
    )
    complete: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Completing instruments and duties.")
    )
    waive: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Waiving a required criterion.")
    )
    call_forecast: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Calling the forecast of somebody else's deal.")
    )
    amend: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Amending fields of an open deal.")
    )
    amend_closed: Permission = field(
        default=OFF, metadata=in_file(PERMIT, "Amending fields of a deal that has ended.")
    )
    migrate: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Going on under this version of the playbook.")
    )
    request: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Asking for a decision, judgement or approval.")
    )
    delegate: Permission = field(
        default=ON, metadata=in_file(PERMIT, "Giving a role that one has to a substitute.")
    )
    roles: Literal["claimed", "of_team"] = field(
        default="claimed",
        metadata=in_file(note="Whether the role that a command names must be the person's."),
    )
    pause_on_hold: bool = field(
        default=False, metadata=in_file(note="Whether clocks rest while a deal is on hold.")
    )
    fields: tuple[FieldPolicy, ...] = field(
        default=(),
        metadata=in_file(_FIELDS, "Who may amend single fields, and when."),
    )
    reading: bool = field(default=False, metadata=READING)


POLICY: Final = RecordShape("the policy", Policy)
