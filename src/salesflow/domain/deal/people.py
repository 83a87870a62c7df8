"""The relationship map: the people at the customer, who reports to whom, who listens to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Self

from pydantic import Field

from salesflow._arguments import instance, several
from salesflow.domain._base.checks import CheckedRecord, Problems, Unique
from salesflow.domain._base.record import Label, Note, Record
from salesflow.domain.deal._people_checks import ONE_EACH, check_people
from salesflow.domain.deal.account import BuyingRole, Contact
from salesflow.domain.deal.opportunity import Opportunity
from salesflow.errors import UnknownName
from salesflow.facts import BUYING_ROLES

_ROLES: Final[Mapping[str, BuyingRole]] = {role: role for role in BUYING_ROLES}
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
_ON_THE_MAP: Final = "{name} is not on the map; add them, or leave the line out"


class InfluenceLine(Record):
    """One person listens to another, whatever the organisation chart says.

    Attributes:
        source: Name of the contact who has the influence.
        target: Name of the contact who listens.
        note: How we know.
    """

    source: Label
    target: Label
    note: Note | None = None


class DecisionCoverage(Record):
    """How much we have talked with the people who decide.

    Attributes:
        covered: Names of those with whom we have talked more than once.
        not_covered: Names of those with whom we have talked briefly or not at all.
        unknown: Names of those whose coverage is not known.
    """

    covered: tuple[Label, ...]
    not_covered: tuple[Label, ...]
    unknown: tuple[Label, ...]

    @property
    def complete(self) -> bool:
        """Whether somebody decides, and everybody who decides is covered."""
        return bool(self.covered) and not self.not_covered and not self.unknown


class RelationshipMap(CheckedRecord):
    """The people at a customer and the lines between them.

    Source: "Project tracking process sheet", stage 2 (roles and attitudes; reporting lines);
    "Optimized Sales Process v2.1", steps 3 to 5. Roles that at most one person may have are common
    knowledge of strategic selling.

    Attributes:
        customer: Name of the customer.
        contacts: The people, each name once; `reports_to` names another of them.
        influences: Who listens to whom; influence may go in a circle.
        one_each: Buying roles that at most one person may have.

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
    contacts: Annotated[
        tuple[Contact, ...],
        Field(max_length=2_000),
        Unique("name", "person_twice", "{name} is on the map already; tell them apart"),
    ] = ()
    influences: Annotated[tuple[InfluenceLine, ...], Field(max_length=10_000)] = ()
    one_each: tuple[BuyingRole, ...] = ONE_EACH

    @classmethod
    def of(cls, deal: Opportunity, influences: Iterable[InfluenceLine] = ()) -> Self:
        """The map of a deal's own contacts.

        Args:
            deal: Its account names the customer; without an account its own name does.
            influences: Who listens to whom, which a deal does not say.

        Raises:
            ArgumentError: `deal` is not an Opportunity.
            ValidationError: The contacts do not make a map, for instance a name is there twice,
                or the influences are not a list of lines.

        Example:
            >>> deal = Opportunity(id="D-1", name="Core banking", contacts=(Contact(name="Liu"),))
            >>> RelationshipMap.of(deal).single_threaded
            True
        """
        instance(deal, Opportunity, "deal")
        customer = deal.account.name if deal.account else deal.name
        given = {"customer": customer, "contacts": deal.contacts, "influences": influences}
        return cls.model_validate(given)

    def _check(self, problems: Problems) -> None:
        names = {contact.name for contact in self.contacts}
        for at, contact in enumerate(self.contacts):
            if contact.reports_to is not None and contact.reports_to not in names:
                path = ("contacts", at, "reports_to")
                problems.add(path, "person_unknown", _ON_THE_MAP, name=contact.reports_to)
        check_people(problems, self.contacts, self.one_each, under=("contacts",))
        for at, line in enumerate(self.influences):
            for end, name in (("source", line.source), ("target", line.target)):
                if name not in names:
                    path = ("influences", at, end)
                    problems.add(path, "person_unknown", _ON_THE_MAP, name=name)
            if line.source == line.target:
                problems.add(
                    ("influences", at, "target"), "influence_on_self", "a line joins two people"
                )

    def contact(self, name: str) -> Contact:
        """The contact of that name.

        Raises:
            UnknownName: Nobody on the map has that name.
        """
        found = next((contact for contact in self.contacts if contact.name == name), None)
        if found is None:
            raise UnknownName("contact", name, (contact.name for contact in self.contacts))
        return found

    def chain_of(self, name: str) -> tuple[str, ...]:
        """The people above somebody, nearest first.

        Raises:
            UnknownName: Nobody on the map has that name.
        """
        above = {contact.name: contact.reports_to for contact in self.contacts}
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
        onward = dict[str, list[str]]()
        for source, target in lines:
            onward.setdefault(source, []).append(target)
        found = [start]
        seen = {start}
        for name in found:  # a breadth-first walk: the list grows while it is walked
            for other in onward.get(name, ()):
                if other not in seen:
                    seen.add(other)
                    found.append(other)
        return tuple(found[1:])

    @property
    def deciders(self) -> tuple[Contact, ...]:
        """The economic buyer and the business leads."""
        return tuple(contact for contact in self.contacts if contact.buying_role in _DECIDING)

    def decision_coverage(self) -> DecisionCoverage:
        """With whom of those who decide we have really talked."""
        groups: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for contact in self.deciders:
            known = None if contact.coverage is None else contact.coverage in _WELL_KNOWN
            groups[known].append(contact.name)
        return DecisionCoverage(
            covered=tuple(groups[True]),
            not_covered=tuple(groups[False]),
            unknown=tuple(groups[None]),
        )

    @property
    def single_threaded(self) -> bool:
        """Whether we really talk with at most one person, on whom the deal then hangs."""
        return sum(contact.coverage in _WELL_KNOWN for contact in self.contacts) < 2  # noqa: PLR2004 - as the docstring says

    def missing_roles(self, wanted: Iterable[BuyingRole] = _WANTED) -> tuple[BuyingRole, ...]:
        """The buying roles of `wanted` that nobody on the map has.

        Raises:
            ArgumentError: `wanted` is not a list of roles.
            UnknownName: A buying role does not exist.
        """
        roles = several(wanted, str, "wanted", 'write wanted=["champion"]')
        for role in roles:
            if role not in _ROLES:
                raise UnknownName("buying role", role, _ROLES)
        held = {contact.buying_role for contact in self.contacts}
        return tuple(_ROLES[role] for role in roles if role not in held)

    def opponents_heard(self) -> tuple[tuple[str, str], ...]:
        """Each opponent together with each person who decides and listens to them."""
        deciding = {contact.name for contact in self.deciders}
        return tuple(
            (contact.name, listener)
            for contact in self.contacts
            if contact.attitude == "opponent"
            for listener in self.influenced_by(contact.name)
            if listener in deciding
        )
