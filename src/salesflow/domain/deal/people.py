"""The relationship map: the people at the customer, who reports to whom, who listens to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Self, get_args

from pydantic import Field, model_validator

from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain._base.checks import CheckedRecord, Problems
from salesflow.domain._given import refuse_other, several
from salesflow.domain.deal._people_checks import ONE_EACH, check_people
from salesflow.domain.deal.account import BuyingRole, Contact
from salesflow.domain.deal.opportunity import Opportunity
from salesflow.errors import UnknownName

_ROLES: Final[Mapping[str, BuyingRole]] = {role: role for role in get_args(BuyingRole)}
_DECIDING: Final[tuple[BuyingRole, ...]] = ("economic_buyer", "business_lead")
_WANTED: Final[tuple[BuyingRole, ...]] = (
    "economic_buyer",
    "business_lead",
    "technical_buyer",
    "user_buyer",
    "procurement",
    "inside_supporter",
)
_WELL_KNOWN: Final = frozenset({"multiple", "in_depth"})


class InfluenceLine(Record):
    """Somebody listens to somebody else, whatever the chart of the organisation says.

    Attributes:
        source: Name of the contact who has the influence.
        target: Name of the contact who listens.
        note: How we know.
    """

    source: Label
    target: Label
    note: Note | None = None


class DecisionCoverage(Record):
    """How well the people who decide are covered.

    Attributes:
        covered: Names of those whom we have talked with more than once.
        not_covered: Names of those whom we have not, or only briefly.
        unknown: Names of those of whom nobody has said.
    """

    covered: tuple[Label, ...]
    not_covered: tuple[Label, ...]
    unknown: tuple[Label, ...]

    @property
    def complete(self) -> bool:
        """Whether there is anybody who decides, and all of them are covered."""
        return bool(self.covered) and not self.not_covered and not self.unknown


class RelationshipMap(CheckedRecord):
    """The people at a customer and the lines between them.

    Source: "Project tracking process sheet", stage 2 (roles and attitudes; reporting lines);
    "Optimized Sales Process v2.1", steps 3 to 5. Roles that one person at most may have are common
    knowledge of strategic selling.

    Attributes:
        customer: Name of the customer.
        contacts: The people, each name once; `reports_to` names another of them.
        influences: Who listens to whom; circles are allowed here.
        one_each: Buying roles that one person at most may have.

    Example:
        >>> people = RelationshipMap(
        ...     customer="Acme",
        ...     contacts=(
        ...         Contact(name="Zhang", buying_role="economic_buyer", coverage="brief"),
        ...         Contact(name="Liu", reports_to="Zhang", coverage="in_depth"),
        ...         Contact(name="Chen", reports_to="Liu", coverage="no_contact"),
        ...     ),
        ...     influences=(InfluenceLine(source="Chen", target="Zhang"),),
        ... )
        >>> people.influenced_by("Chen"), people.chain_of("Chen")
        (('Zhang',), ('Liu', 'Zhang'))
        >>> people.decision_coverage().not_covered, people.single_threaded
        (('Zhang',), True)
        >>> people.missing_roles(("economic_buyer", "champion"))
        ('champion',)
    """

    customer: Label
    contacts: Annotated[tuple[Contact, ...], Field(max_length=2_000)] = ()
    influences: Annotated[tuple[InfluenceLine, ...], Field(max_length=10_000)] = ()
    one_each: tuple[BuyingRole, ...] = ONE_EACH

    @classmethod
    def of(cls, deal: Opportunity, influences: Iterable[InfluenceLine] = ()) -> Self:
        """The map of a deal's own contacts.

        Args:
            deal: Its account names the customer; where it has none, the deal's own name does.
            influences: Who listens to whom; a deal does not say.

        Raises:
            FactError: `deal` is no Opportunity.
            ValidationError: The contacts make no map, for instance a name is there twice, or the
                influences are no list of lines.

        Example:
            >>> deal = Opportunity(id="D-1", name="Core banking", contacts=(Contact(name="Liu"),))
            >>> RelationshipMap.of(deal).single_threaded
            True
        """
        refuse_other(deal, Opportunity, "deal")
        customer = deal.account.name if deal.account else deal.name
        given = {"customer": customer, "contacts": deal.contacts, "influences": influences}
        return cls.model_validate(given)

    def _check(self, problems: Problems) -> None:
        names = [each.name for each in self.contacts]
        for at in repeated(names):
            problems.add(
                ("contacts", at, "name"),
                "person_twice",
                "{name} is on the map already; tell them apart",
                name=names[at],
            )
        self._check_names(problems)
        check_people(problems, self.contacts, self.one_each, under=("contacts",))
        self._check_influences(problems)

    def _check_names(self, problems: Problems) -> None:
        names = {each.name for each in self.contacts}
        for at, each in enumerate(self.contacts):
            if each.reports_to is not None and each.reports_to not in names:
                problems.add(
                    ("contacts", at, "reports_to"),
                    "person_unknown",
                    "{name} is not on the map; add them, or leave the line out",
                    name=each.reports_to,
                )

    def _check_influences(self, problems: Problems) -> None:
        names = {each.name for each in self.contacts}
        for at, line in enumerate(self.influences):
            for end, name in (("source", line.source), ("target", line.target)):
                if name not in names:
                    problems.add(
                        ("influences", at, end),
                        "person_unknown",
                        "{name} is not on the map; add them, or leave the line out",
                        name=name,
                    )
            if line.source == line.target:
                problems.add(
                    ("influences", at, "target"), "influence_on_self", "a line joins two people"
                )

    def contact(self, name: str) -> Contact:
        """The contact of that name.

        Raises:
            UnknownName: Nobody on the map has it.
        """
        found = next((each for each in self.contacts if each.name == name), None)
        if found is None:
            raise UnknownName("contact", name, (each.name for each in self.contacts))
        return found

    def chain_of(self, name: str) -> tuple[str, ...]:
        """The people above somebody, nearest first.

        Raises:
            UnknownName: Nobody on the map has that name.
        """
        above = {each.name: each.reports_to for each in self.contacts}
        chain = list[str]()
        boss = self.contact(name).reports_to
        while boss is not None:
            chain.append(boss)
            boss = above[boss]
        return tuple(chain)

    def influenced_by(self, name: str) -> tuple[str, ...]:
        """Everybody who listens to somebody, directly or through others, nearest first.

        Raises:
            UnknownName: Nobody on the map has that name.
        """
        return self._reached(name, ((line.source, line.target) for line in self.influences))

    def influencers_of(self, name: str) -> tuple[str, ...]:
        """Everybody to whom somebody listens, directly or through others, nearest first.

        Raises:
            UnknownName: Nobody on the map has that name.
        """
        return self._reached(name, ((line.target, line.source) for line in self.influences))

    def _reached(self, start: str, lines: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        self.contact(start)
        heard = dict[str, list[str]]()
        for source, target in lines:
            heard.setdefault(source, []).append(target)
        found = [start]
        seen = {start}
        for name in found:  # grows while it is walked
            for other in heard.get(name, ()):
                if other not in seen:
                    seen.add(other)
                    found.append(other)
        return tuple(found[1:])

    @property
    def deciders(self) -> tuple[Contact, ...]:
        """The economic buyer and the business leads."""
        return tuple(each for each in self.contacts if each.buying_role in _DECIDING)

    def decision_coverage(self) -> DecisionCoverage:
        """Whom of those who decide we have really talked with."""
        groups: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for each in self.deciders:
            known = None if each.coverage is None else each.coverage in _WELL_KNOWN
            groups[known].append(each.name)
        return DecisionCoverage(
            covered=tuple(groups[True]),
            not_covered=tuple(groups[False]),
            unknown=tuple(groups[None]),
        )

    @property
    def single_threaded(self) -> bool:
        """Whether the deal hangs on one person, or on nobody, with whom we really talk."""
        return sum(each.coverage in _WELL_KNOWN for each in self.contacts) < 2  # noqa: PLR2004

    def missing_roles(self, wanted: Iterable[BuyingRole] = _WANTED) -> tuple[BuyingRole, ...]:
        """The buying roles of `wanted` that nobody on the map has.

        Raises:
            FactError: `wanted` is one role instead of several.
            UnknownName: There is no such buying role.
        """
        roles = several(wanted, str, "wanted", hint='Write wanted=["champion"].')
        for role in roles:
            if role not in _ROLES:
                raise UnknownName("buying role", role, _ROLES)
        held = {each.buying_role for each in self.contacts}
        return tuple(_ROLES[role] for role in roles if role not in held)

    def opponents_heard(self) -> tuple[tuple[str, str], ...]:
        """Each opponent together with each person who decides and listens to them."""
        deciding = {each.name for each in self.deciders}
        return tuple(
            (each.name, listener)
            for each in self.contacts
            if each.attitude == "opponent"
            for listener in self.influenced_by(each.name)
            if listener in deciding
        )
