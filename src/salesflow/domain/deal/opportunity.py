"""The deal: an `Opportunity`, or a `HostDeal` whose host keeps its own record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from salesflow._frozen import Frozen, FrozenDict
from salesflow._wording import unread
from salesflow.domain._base.record import Count, Label, Note, Record, storable
from salesflow.domain._base.times import Day
from salesflow.domain.deal._people_checks import sound_people
from salesflow.domain.deal.account import Account, Contact
from salesflow.domain.deal.progress import Progress, is_finite
from salesflow.domain.deal.record_items import RecordItem
from salesflow.errors import closest
from salesflow.money import Money


def _as_json_value(value: object) -> object:
    # Kept as JSON keeps it, so that a stored deal comes back equal; the playbook knows its kind.
    if isinstance(value, datetime) and value.utcoffset() is None:
        raise PydanticCustomError("time_without_zone", "a time needs its zone; a day is a date")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.strip() and len(value) <= _LONGEST_TEXT:
        return storable(value.strip())
    if isinstance(value, int | float | Decimal) and is_finite(value):
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, Money):
        return value
    if isinstance(value, Mapping):
        return _money(value)
    raise PydanticCustomError(
        "fact_value",
        "a fact is a text that is not blank, a finite number, true, false, a date or Money",
    )


def _money(value: Mapping[object, object]) -> Money:
    """Money, as JSON has it."""
    try:
        return Money.model_validate(value)
    except ValidationError as error:
        said = "; ".join(problem["msg"] for problem in error.errors())
        raise PydanticCustomError(
            "fact_value", "this is no Money: {said}", {"said": said}
        ) from None


_LONGEST_TEXT: Final = 20_000

_Kept: TypeAlias = bool | int | float | str | Money


def _kept(value: _Kept) -> _Kept:
    return value


FactValue = Annotated[
    _Kept,
    PlainValidator(_as_json_value, json_schema_input_type=_Kept),
    PlainSerializer(_kept),  # pydantic's own takes the mapping that it made of Money for a fact
]
"""The value of a fact that a playbook declares; days and times are texts in ISO form."""


FactInput: TypeAlias = bool | int | float | Decimal | str | date | Money
"""What may be given as the value of a fact; a moment has its zone."""


def _others(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of other companies, each once and without our own."""
    if "us" in names:
        raise PydanticCustomError("name_of_us", '"us" is our own side; name the others')
    seen = set[str]()
    for name in names:
        if name in seen:
            raise PydanticCustomError("name_twice", "{name} is there twice", {"name": name})
        seen.add(name)
    return names


class TeamMember(Record):
    """A person on our side of the deal, and the roles they have in it.

    Attributes:
        person: Their name or id.
        roles: Keys of the playbook's roles; at least one.
    """

    person: Label
    roles: Annotated[tuple[Label, ...], Field(min_length=1)]


def _from_mapping(team: object) -> object:
    # A list comes far more often, and a check for a mapping is slow.
    if not isinstance(team, list | tuple) and isinstance(team, Mapping):
        return tuple(
            {"person": person, "roles": (roles,) if isinstance(roles, str) else roles}
            for person, roles in team.items()
        )
    return team


TeamInput: TypeAlias = Iterable[TeamMember] | Mapping[str, str] | Mapping[str, Iterable[str]]
"""What may be given as a team: its members, or by person their role or roles."""


_Roles: TypeAlias = Label | Annotated[tuple[Label, ...], Field(min_length=1)]
_TeamSchema: TypeAlias = tuple[TeamMember, ...] | Mapping[Label, _Roles]


def _listed(records: object) -> object:
    """A single record is not taken for a list of its fields."""
    if isinstance(records, Record):
        words = "this is one record and no list; write records=({name}(…),)"
        raise PydanticCustomError("record_list", words, {"name": type(records).__name__})
    return records


class _Deal(Record):
    """What the engine needs of any deal: its id, who works on it, how far it has come."""

    id: Label
    owner: Label | None = None
    team: Annotated[
        tuple[TeamMember, ...], BeforeValidator(_from_mapping, json_schema_input_type=_TeamSchema)
    ] = ()
    facts: Annotated[Mapping[Label, FactValue], Frozen] = Field(default_factory=FrozenDict)
    progress: Progress = Progress()
    records: Annotated[tuple[RecordItem, ...], BeforeValidator(_listed)] = ()

    def roles_of(self, person: str) -> frozenset[str]:
        """The roles that `person` has in the team of this deal."""
        return frozenset(
            role for member in self.team if member.person == person for role in member.roles
        )


class HostDeal(_Deal):
    """A deal that the host keeps in a record of its own: here it has nothing but its facts.

    Attributes:
        id: Its id in the host's system; it never changes.
        owner: Who is responsible for it on our side.
        team: Who works on it, as members or as a mapping of person to role or roles.
        progress: How far it has come; only events write it.
        facts: Any fact of the catalogue that is not derived from progress, by its name:
            `{"amount": 120_000, "account.tier": "named"}`. An amount is Money, or a number in the
            playbook's currency.
        records: The forms and plans of the deal, which answer the facts of a playbook's
            `use_records`; in JSON each has the name of its class under `"record"`.

    Example:
        >>> deal = HostDeal(id="D-1", owner="li.wei", facts={"amount": 120_000})
        >>> deal.facts["amount"]
        120000
    """

    if TYPE_CHECKING:  # what may be given is more than what is kept

        def __init__(
            self,
            *,
            id: str,  # noqa: A002 - the field's name
            owner: str | None = None,
            team: TeamInput = (),
            facts: Mapping[str, FactInput] = ...,
            progress: Progress = ...,
            records: Iterable[Record] = (),
        ) -> None: ...


class Opportunity(_Deal):
    """A deal that may be won: what is known of it, and how far it has come.

    The host edits its fields; only events write its `progress`.

    Attributes:
        id: Its id in the host's system; it never changes.
        name: Its name for people.
        owner: Who is responsible for it on our side.
        team: Who works on it, as members or as a mapping of person to role or roles.
        amount: Its expected value.
        account: The customer.
        source: Where it came from, for instance the lead's source.
        probability: The chance of winning it, from 0 to 1.
        created_on: The day when the deal was opened.
        expected_close_on: The day when it is expected to be won.
        last_activity_on: The day of the last talk, visit or letter.
        next_step: What is done next.
        next_step_on: The day by which it is done.
        progress: How far it has come; only events write it.
        close_date_pushes: How often the expected close date was moved to a later day.
        contacts: The people at the customer, as far as they are known: somebody may report to a
            person who is not among them. A reporting line does not go in a circle, and at most
            one of them is the economic buyer.
        competitors: The names of everybody else who wants the deal, each once; None while nobody
            has listed them. Where they are listed, a sheet about anybody else is refused.
        partners: The names of the companies that work with us on it, each once.
        facts: Values of the facts that the playbook declares beyond the standard ones.
        records: The forms and plans of the deal, which answer the facts of a playbook's
            `use_records`; in JSON each has the name of its class under `"record"`.

    Example:
        >>> deal = Opportunity(
        ...     id="D-1",
        ...     name="Core banking",
        ...     amount=Money("120000", "USD"),
        ...     owner="li.wei",
        ...     team={"wang.fang": "sales_manager"},
        ... )
        >>> deal.team[0].roles, deal.progress.version
        (('sales_manager',), 0)
        >>> Opportunity.model_validate_json(deal.model_dump_json()) == deal
        True
    """

    name: Label
    amount: Money | None = None
    account: Account | None = None
    source: Label | None = None
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    created_on: Day | None = None
    expected_close_on: Day | None = None
    last_activity_on: Day | None = None
    next_step: Note | None = None
    next_step_on: Day | None = None
    close_date_pushes: Count = 0
    contacts: Annotated[tuple[Contact, ...], AfterValidator(sound_people)] = ()
    competitors: Annotated[tuple[Label, ...], AfterValidator(_others)] | None = None
    partners: Annotated[tuple[Label, ...], AfterValidator(_others)] = ()

    if TYPE_CHECKING:  # what may be given is more than what is kept

        def __init__(  # noqa: PLR0913 - its fields, each by name
            self,
            *,
            id: str,  # noqa: A002 - the field's name
            name: str,
            owner: str | None = None,
            team: TeamInput = (),
            amount: Money | None = None,
            account: Account | None = None,
            source: str | None = None,
            probability: float | None = None,
            created_on: date | None = None,
            expected_close_on: date | None = None,
            last_activity_on: date | None = None,
            next_step: str | None = None,
            next_step_on: date | None = None,
            close_date_pushes: int = 0,
            contacts: Iterable[Contact] = (),
            competitors: Iterable[str] | None = None,
            partners: Iterable[str] = (),
            facts: Mapping[str, FactInput] = ...,
            progress: Progress = ...,
            records: Iterable[Record] = (),
        ) -> None: ...


Deal: TypeAlias = Opportunity | HostDeal
"""A deal on which an engine decides."""

WRITTEN_BY_EVENTS: Final = ("progress", "close_date_pushes")
"""The fields of a deal that only events write."""


def _begun_by_nobody(given: object, read: ValidatorFunctionWrapHandler) -> object:
    """Reads a deal, with its problems in our words, and refuses one that has a past."""
    if isinstance(given, Mapping):
        deal: object = Opportunity.model_validate(given)
    elif isinstance(given, Opportunity):
        deal = read(given)
    else:
        words = 'a deal is a mapping of its fields, for instance {"id": "D-1", "name": "ERP"}'
        said = unread(given, "Opportunity.model_validate_json") or words
        raise PydanticCustomError("deal", "{said}", {"said": said})
    fields = Opportunity.model_fields
    past = [name for name in WRITTEN_BY_EVENTS if getattr(deal, name) != fields[name].default]
    if past:
        raise PydanticCustomError(
            "written_by_events",
            "{fields} cannot be given; commands write {it}",
            {"fields": " and ".join(past), "it": "them" if len(past) > 1 else "it"},
        )
    return deal


class _AsAsked(Opportunity):
    """A deal of which nothing has happened yet, as a client describes it."""

    # Never made: it is what JSON Schema and OpenAPI show of NewOpportunity, under that name.
    __qualname__ = "NewOpportunity"
    model_config = ConfigDict(title="NewOpportunity", defer_build=True)

    progress: SkipJsonSchema[Progress] = Progress()
    close_date_pushes: SkipJsonSchema[Count] = 0


NewOpportunity: TypeAlias = Annotated[
    Opportunity, WrapValidator(_begun_by_nobody, json_schema_input_type=_AsAsked)
]
"""A deal of which nothing has happened yet, as a client describes it.

It is the type of a request that opens a deal: what only commands write, such as `progress`, is
refused there, and its JSON Schema does not have it. Whether its facts and its team fit a playbook
is checked by the playbook: `facts_of` raises what does not.

Example:
    >>> from pydantic import TypeAdapter
    >>> new = TypeAdapter(NewOpportunity)
    >>> new.validate_json('{"id": "D-1", "name": "Core banking"}').progress.version
    0
    >>> "progress" in new.json_schema()["properties"]
    False
"""

AMENDABLE: Final = frozenset(Opportunity.model_fields) - {"id", "records", *WRITTEN_BY_EVENTS}
"""The fields of a deal that `Amend` may change. Only events write the others, but for its records:
these are the host's documents, and no event carries them."""

_SHOWN: Final = 20


def amendable(changes: object) -> object:
    """The changes as JSON, if an Opportunity could have them."""
    if not isinstance(changes, Mapping):
        raise PydanticCustomError("changes", "changes are a mapping of fields to new values")
    if not changes:
        raise PydanticCustomError(
            "changes_empty",
            "no field is named; give each its new value, such as {example}",
            {"example": '{"expected_close_on": "2026-03-31"}'},
        )
    unknown = [name for name in changes if name not in AMENDABLE]
    if unknown:
        raise PydanticCustomError(
            "changes_unknown", "{problem}", {"problem": _not_amendable(unknown)}
        )
    # Problems of single fields come up as this command's own, with their paths.
    deal = Opportunity.model_validate({"id": "-", "name": "-", **changes})
    return deal.model_dump(mode="json", include=set(changes))


def _not_amendable(unknown: Sequence[object]) -> str:
    """What is said of fields that cannot be amended: the nearest that can, or all of them."""
    said, known = [], ""
    for name in unknown[:_SHOWN]:  # to compare names is slow, and a stranger may send thousands
        if name == "records":
            said.append('"records" (the host keeps them: give the deal its new ones)')
            continue
        near = closest(name, AMENDABLE)
        shown = ascii(name[:80] if isinstance(name, str) else name)
        said.append(f'{shown} (did you mean "{near}"?)' if near else shown)
        if not near:
            known = f"; what can: {', '.join(sorted(AMENDABLE))}"
    if len(unknown) > _SHOWN:
        said.append(f"{len(unknown) - _SHOWN:,} more")
    return f"{', '.join(said)} cannot be amended{known}"
