"""Facts of the people on both sides: the customer's, ours, partners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salesflow import terms
from salesflow.facts import BUYING_ROLES
from salesflow.records._group import (
    ALL_TOGETHER,
    Declares,
    Names,
    Pile,
    RecordGroup,
    every,
    least,
    named,
    newest,
    the_latest,
)
from salesflow.records._of_plans import written_on
from salesflow.text import both

if TYPE_CHECKING:
    from salesflow.domain import (
        Contact,
        DealTeam,
        OpportunityPlan,
        Partner,
        RelationshipMap,
        RelationshipPlan,
    )


@dataclass(frozen=True, slots=True)
class _People:
    """The people on the maps.

    Attributes:
        maps: The maps.
        by_name: What they say of each person, in order.
        planned: Those for whom a plan has a strategy; None: there is no plan.
    """

    maps: tuple[RelationshipMap, ...]
    by_name: Mapping[str, tuple[Contact, ...]]
    planned: frozenset[str] | None

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who decides."""
        return tuple(dict.fromkeys(it.name for one in self.maps for it in one.deciders))

    def having(self, role: str) -> tuple[str, ...]:
        """Who has a buying role."""
        return tuple(
            name
            for name, said in self.by_name.items()
            if any(it.buying_role == role for it in said)
        )

    def of_attitude(self, *attitudes: str) -> tuple[str, ...]:
        """Whose attitude it is."""
        return tuple(
            name
            for name, said in self.by_name.items()
            if any(it.attitude in attitudes for it in said)
        )

    def met(self, name: str) -> bool | None:
        """Whether somebody has talked with a person at all."""
        said = self.by_name[name]
        if any(it.last_talk_on or it.coverage not in (None, "no_contact") for it in said):
            return True
        return False if any(it.coverage for it in said) else None

    def covered(self, name: str) -> bool | None:
        """Whether somebody has talked with a person more than once."""
        said = {it.coverage for it in self.by_name[name]} - {None}
        return not said.isdisjoint({"multiple", "in_depth"}) if said else None


def _people(pile: Pile) -> _People | None:
    maps: tuple[RelationshipMap, ...] = pile.all("RelationshipMap")
    if not maps:
        return None
    by_name: dict[str, tuple[Contact, ...]] = {}
    for contact in (contact for one in maps for contact in one.contacts):
        by_name[contact.name] = (*by_name.get(contact.name, ()), contact)
    plans: tuple[OpportunityPlan | RelationshipPlan, ...] = (
        *pile.all("OpportunityPlan"),
        *pile.all("RelationshipPlan"),
    )
    planned = frozenset(
        it.person for plan in plans for it in plan.people if it.strategy is not None
    )
    return _People(maps, dict(sorted(by_name.items())), planned if plans else None)


def _lacking(names: Iterable[str], holds: Mapping[str, bool | None]) -> Names | None:
    """Those of whom it does not hold; None for nobody, and where of somebody it is not known."""
    found = [(name, holds[name]) for name in names]
    if not found or any(one is None for _, one in found):
        return None
    return tuple(name for name, one in found if one is False)


def _not_met(people: _People, names: Iterable[str]) -> Names | None:
    return _lacking(names, {name: people.met(name) for name in people.by_name})


def _not_covered(people: _People) -> Names | None:
    return _lacking(people.deciders, {name: people.covered(name) for name in people.by_name})


def _unsaid(names: Iterable[str], known: Mapping[str, bool | None]) -> Names:
    names = tuple(names)
    return tuple(name for name in names if known[name] is None) if names else named("deciders")


def _single_threaded(people: _People) -> bool | None:
    known = [people.covered(name) for name in people.by_name]
    few = 1
    if known.count(True) > few:
        return False
    return True if known.count(True) + known.count(None) <= few else None


def _roles_missing(people: _People) -> Names:
    missing = {role for one in people.maps for role in one.missing_roles()}
    held = {it.buying_role for said in people.by_name.values() for it in said}
    return tuple(terms.BUYING_ROLES[role] for role in BUYING_ROLES if role in missing - held)


_on_map: Final[Declares[_People]] = Declares("people")

PEOPLE: Final = RecordGroup(
    "people",
    both(en="relationship map", zh="客户关系图"),
    ("RelationshipMap",),
    ALL_TOGETHER,
    _people,
    (
        _on_map.count(
            "total",
            both(en="the number of people on the relationship map", zh="客户关系图上的人数"),
            lambda people: tuple(people.by_name),
        ),
        _on_map.count(
            "decision_makers",
            both(en="the number of people who decide", zh="决策人人数"),
            lambda people: people.deciders,
        ),
        _on_map.count(
            "decision_makers_not_met",
            both(
                en="the number of people who decide and were never talked with",
                zh="尚未接触过的决策人人数",
            ),
            lambda people: _not_met(people, people.deciders),
            unsaid=lambda people: _unsaid(
                people.deciders, {name: people.met(name) for name in people.by_name}
            ),
        ),
        _on_map.count(
            "decision_makers_not_covered",
            both(
                en="the number of people who decide and were talked with once at most",
                zh="沟通不足的决策人人数",
            ),
            _not_covered,
            unsaid=lambda people: _unsaid(
                people.deciders, {name: people.covered(name) for name in people.by_name}
            ),
        ),
        _on_map.count(
            "not_met",
            both(
                en="the number of people on the map who were never talked with",
                zh="客户关系图上尚未接触过的人数",
            ),
            lambda people: _not_met(people, people.by_name),
            unsaid=lambda people: tuple(
                name for name in people.by_name if people.met(name) is None
            ),
        ),
        _on_map.count(
            "inside_supporters",
            both(en="the number of inside supporters on the map", zh="客户关系图上内部支持者人数"),
            lambda people: people.having("inside_supporter"),
        ),
        _on_map.count(
            "supporters",
            both(en="the number of people who support us", zh="支持我方的人数"),
            lambda people: people.of_attitude("champion", "supporter"),
        ),
        _on_map.count(
            "opponents",
            both(en="the number of people who oppose us", zh="反对我方的人数"),
            lambda people: people.of_attitude("opponent"),
        ),
        _on_map.count(
            "opponents_heard",
            both(
                en="the number of opponents to whom somebody who decides listens",
                zh="能影响决策人的反对者人数",
            ),
            lambda people: tuple(
                sorted({name for one in people.maps for name, _ in one.opponents_heard()})
            ),
        ),
        _on_map.count(
            "attitudes_unknown",
            both(
                en="the number of people with a buying role whose attitude is not known",
                zh="态度不明的采购相关人员人数",
            ),
            lambda people: tuple(
                name
                for name, said in people.by_name.items()
                if any(it.buying_role for it in said) and not any(it.attitude for it in said)
            ),
        ),
        _on_map.count(
            "roles_missing",
            both(en="the number of buying roles that nobody has", zh="尚无人对应的采购角色数"),
            _roles_missing,
        ),
        _on_map.flag(
            "single_threaded",
            both(
                en="whether the deal hangs on one person at the customer",
                zh="项目是否只依靠客户方一个人",
            ),
            _single_threaded,
            unsaid=lambda people: tuple(
                name for name in people.by_name if people.covered(name) is None
            ),
        ),
        _on_map.count(
            "without_strategy",
            both(
                en="the number of people who decide and for whom no plan has a strategy",
                zh="尚无争取策略的决策人人数",
            ),
            lambda people: (
                None
                if people.planned is None or not people.deciders
                else tuple(name for name in people.deciders if name not in people.planned)
            ),
            unsaid=lambda people: named(
                "deciders" if people.planned is not None else "opportunity_plan"
            ),
        ),
    ),
)


def _partners(pile: Pile) -> tuple[Partner, ...] | None:
    given: tuple[Partner, ...] = pile.all("Partner")
    plan: OpportunityPlan | None = newest(pile.all("OpportunityPlan"), written_on)
    planned = plan.partners if plan is not None else None
    if not given and planned is None:
        return None
    names = {partner.name for partner in given}
    return (*given, *(partner for partner in planned or () if partner.name not in names))


_partner: Final[Declares[tuple[Partner, ...]]] = Declares("partner")

PARTNER: Final = RecordGroup(
    "partner",
    both(en="partner", zh="合作伙伴"),
    ("Partner", "OpportunityPlan"),
    both(
        en="all together, and those of the opportunity plan that have no record of their own",
        zh="合并计算，并加上项目计划中未单独记录的合作伙伴",
    ),
    _partners,
    (
        _partner.count(
            "total",
            both(en="the number of partners", zh="合作伙伴数"),
            lambda all_: tuple(it.name for it in all_),
        ),
        _partner.day(
            "orders_on",
            both(
                en="the earliest day a partner has promised to order",
                zh="合作伙伴承诺的最早下单日期",
            ),
            lambda all_: least(it.orders_on for it in all_),
        ),
        _partner.day(
            "pays_on",
            both(
                en="the earliest day a partner has promised to pay", zh="合作伙伴承诺的最早付款日期"
            ),
            lambda all_: least(it.pays_on for it in all_),
        ),
        _partner.flag(
            "able",
            both(en="whether every partner can deliver", zh="合作伙伴是否都具备交付能力"),
            lambda all_: every(it.able for it in all_),
            unsaid=lambda all_: tuple(it.name for it in all_ if it.able is None),
        ),
        _partner.count(
            "without_role",
            both(
                en="the number of partners without a role in the deal", zh="未明确角色的合作伙伴数"
            ),
            lambda all_: tuple(it.name for it in all_ if it.role is None),
        ),
        _partner.count(
            "without_rules",
            both(
                en="the number of partners with whom no rules of engagement are agreed",
                zh="未约定介入规则的合作伙伴数",
            ),
            lambda all_: tuple(it.name for it in all_ if it.rules is None or not it.rules.agreed),
        ),
    ),
)


def _the_team(pile: Pile) -> DealTeam | None:
    team: DealTeam | None = newest(pile.all("DealTeam"), lambda one: one.agreed_on)
    plan: OpportunityPlan | None = newest(pile.all("OpportunityPlan"), written_on)
    return team if team is not None or plan is None else plan.team


_team: Final[Declares[DealTeam]] = Declares("team")

TEAM: Final = RecordGroup(
    "team",
    both(en="team", zh="团队分工"),
    ("DealTeam", "OpportunityPlan"),
    the_latest(
        "`agreed_on`; without one that of the opportunity plan",
        "`agreed_on`；没有时取项目计划中的团队",
    ),
    _the_team,
    (
        _team.count(
            "members",
            both(en="the number of members of the team", zh="团队成员数"),
            lambda team: tuple(it.person for it in team.members),
        ),
        _team.flag(
            "lead_named",
            both(en="whether the team has a lead", zh="是否已指定团队负责人"),
            lambda team: team.lead is not None,
        ),
        _team.count(
            "without_duties",
            both(en="the number of members without duties", zh="未明确职责的成员数"),
            lambda team: team.without_duties if team.members else None,
        ),
        _team.none_of(
            "agreed",
            both(en="whether every member agrees to their part", zh="成员是否都认可分工"),
            lambda team: team.not_agreed if team.members else None,
        ),
        _team.day(
            "agreed_on",
            both(en="the day by which the team had agreed", zh="团队达成一致的日期"),
            lambda team: team.agreed_on,
        ),
    ),
)


OF_PEOPLE: Final = (PEOPLE, TEAM, PARTNER)
