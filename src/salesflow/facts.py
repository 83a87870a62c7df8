"""The catalogue of facts: what can be known of a deal, and of what kind each fact is.

Rules name facts; this module says which names exist. It knows nothing of how a fact is read
from an opportunity (that is `engine.facts_of`) or from a frame (that is `pipeline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

from salesflow.errors import UnknownName
from salesflow.text import Text, both

__all__ = [
    "BUYING_ROLES",
    "FACT_TITLES",
    "OUTCOMES",
    "STANDARD_FACTS",
    "TIERS",
    "Fact",
    "FactKind",
    "Facts",
]


class FactKind(StrEnum):
    """What sort of value a fact has.

    Numbers and money are binary64 and NaN is missing; blank text is missing; a day is a calendar
    day; an instant is a moment in UTC; a flag is true, false or unknown.
    """

    NUMBER = "number"
    MONEY = "money"
    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    DAY = "day"
    INSTANT = "instant"


Tier = Literal["regular", "named", "strategic"]
Outcome = Literal["none", "won", "lost", "disqualified"]
BuyingRole = Literal[
    "economic_buyer",
    "champion",
    "technical_buyer",
    "user_buyer",
    "business_lead",
    "procurement",
    "inside_supporter",
    "influencer",
]
TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
BUYING_ROLES: Final[tuple[BuyingRole, ...]] = get_args(BuyingRole)


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the catalogue.

    Attributes:
        name: Dotted, for instance `account.tier`.
        kind: See [`FactKind`][salesflow.facts.FactKind].
        choices: The allowed values of a choice; empty where any value is allowed.
    """

    name: str
    kind: FactKind
    choices: tuple[str, ...] = ()


class Facts(Mapping[str, Fact]):
    """An immutable catalogue of facts, by name.

    Example:
        >>> STANDARD_FACTS["account.tier"].choices
        ('regular', 'named', 'strategic')
        >>> more = STANDARD_FACTS.extended([Fact("margin", FactKind.NUMBER)])
        >>> "margin" in more, "margin" in STANDARD_FACTS
        (True, False)
    """

    __slots__ = ("_by_name",)

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        self._by_name: dict[str, Fact] = {fact.name: fact for fact in facts}

    def extended(self, facts: Iterable[Fact]) -> Facts:
        """This catalogue with more facts; a fact of the same name replaces the one here."""
        return Facts([*self._by_name.values(), *facts])

    def require(self, name: str) -> Fact:
        """The fact `name`; raises UnknownName with the nearest name where there is none."""
        asked: object = name  # what is no text may not even be hashable
        fact = self._by_name.get(asked) if isinstance(asked, str) else None
        if fact is None:
            raise UnknownName("fact", name, self._by_name)
        return fact

    def __getitem__(self, name: str) -> Fact:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __eq__(self, other: object) -> bool:
        return self._by_name == other._by_name if isinstance(other, Facts) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._by_name.values()))

    def __repr__(self) -> str:
        return f"<Facts: {len(self)} names>"


_STANDARD: Final[dict[FactKind, tuple[str, ...]]] = {
    FactKind.FLAG: ("ended", "on_hold"),
    FactKind.MONEY: ("amount",),
    FactKind.TEXT: ("owner", "source", "next_step", "account.name", "account.industry"),
    FactKind.NUMBER: (
        "probability",
        "close_date_pushes",
        "contacts.total",
        *(f"contacts.{role}" for role in BUYING_ROLES),
    ),
    FactKind.DAY: (
        "created_on",
        "entered_stage_on",
        "expected_close_on",
        "closed_on",
        "last_activity_on",
        "next_step_on",
    ),
}

STANDARD_FACTS: Final = Facts(
    [
        # Which stages and currencies exist is a playbook's and a caller's matter: no list here.
        Fact("stage", FactKind.CHOICE),
        Fact("sub_stage", FactKind.CHOICE),
        Fact("amount.currency", FactKind.CHOICE),
        Fact("outcome", FactKind.CHOICE, OUTCOMES),
        Fact("account.tier", FactKind.CHOICE, TIERS),
        *(Fact(name, kind) for kind, names in _STANDARD.items() for name in names),
    ]
)

FACT_TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "stage": both(en="the stage", zh="所处阶段"),
        "sub_stage": both(en="the sub-stage", zh="所处子阶段"),
        "outcome": both(en="the outcome", zh="结果"),
        "ended": both(en="whether the deal has ended", zh="是否已结束"),
        "on_hold": both(en="whether the deal is on hold", zh="是否暂停"),
        "amount": both(en="the amount", zh="金额"),
        "amount.currency": both(en="the currency of the amount", zh="金额币种"),
        "owner": both(en="the owner", zh="负责人"),
        "source": both(en="the source of the deal", zh="商机来源"),
        "next_step": both(en="the next step", zh="下一步行动"),
        "account.name": both(en="the account's name", zh="客户名称"),
        "account.industry": both(en="the account's industry", zh="客户行业"),
        "account.tier": both(en="the account's tier", zh="客户级别"),
        "probability": both(en="the probability of winning", zh="赢单概率"),
        "close_date_pushes": both(
            en="the number of times the expected close date was pushed back",
            zh="预计成交日期的推迟次数",
        ),
        "created_on": both(en="the day the deal was created", zh="创建日期"),
        "entered_stage_on": both(en="the day the stage was entered", zh="进入当前阶段的日期"),
        "expected_close_on": both(en="the expected close date", zh="预计成交日期"),
        "closed_on": both(en="the day the deal was closed", zh="关闭日期"),
        "last_activity_on": both(en="the day of the last activity", zh="最近一次活动的日期"),
        "next_step_on": both(en="the day of the next step", zh="下一步行动的日期"),
        "contacts.total": both(en="the number of contacts", zh="联系人数"),
        "contacts.economic_buyer": both(en="the number of economic buyers", zh="经济决策者人数"),
        "contacts.champion": both(en="the number of champions", zh="拥护者人数"),
        "contacts.technical_buyer": both(en="the number of technical buyers", zh="技术把关者人数"),
        "contacts.user_buyer": both(en="the number of user buyers", zh="使用者人数"),
        "contacts.business_lead": both(en="the number of business leads", zh="业务负责人人数"),
        "contacts.procurement": both(en="the number of contacts in procurement", zh="采购人员人数"),
        "contacts.inside_supporter": both(
            en="the number of inside supporters", zh="内部支持者人数"
        ),
        "contacts.influencer": both(en="the number of influencers", zh="影响者人数"),
    }
)
"""What the standard facts are called in a sentence."""
