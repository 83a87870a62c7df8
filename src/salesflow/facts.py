"""The catalogue of facts: what can be known of a deal, and of what kind each fact is.

Rules name facts; this module says which names exist. It knows nothing of how a fact is read
from an opportunity (that is `engine.facts_of`) or from a frame (that is `pipeline`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

from salesflow import terms
from salesflow._frozen import FrozenDict
from salesflow._pattern import has_form
from salesflow.errors import UnknownName, closest
from salesflow.text import Text, both, filled

__all__ = [
    "ASK",
    "BEFORE",
    "BUYING_ROLES",
    "CURRENCY",
    "FACT_TITLES",
    "FORECAST_CATEGORIES",
    "IN_CURRENCY",
    "NOT_APPLICABLE",
    "OUTCOMES",
    "STANDARD_FACTS",
    "TIERS",
    "UNITS",
    "WHY",
    "Fact",
    "FactKind",
    "Facts",
    "ForecastCategory",
    "Unit",
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
ForecastCategory = Literal["commit", "best_case", "pipeline", "omitted"]
"""What an open deal counts as in the forecast, from the surest on; `"omitted"` counts as nothing.

What is won is `"closed"`, which no playbook and nobody's call says.
"""
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
FORECAST_CATEGORIES: Final[tuple[ForecastCategory, ...]] = get_args(ForecastCategory)
BUYING_ROLES: Final[tuple[BuyingRole, ...]] = get_args(BuyingRole)

Unit = Literal["percent", "hours", "days", "weeks", "months", "years", "currency"]
"""What a number counts: a share of one, a length of time, or money in the playbook's currency."""
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)


_LIKENED: Final = 100
_NO_TITLES: Final[Mapping[str, Text]] = FrozenDict()


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the catalogue.

    Attributes:
        name: Dotted, for instance `account.tier`.
        kind: See [`FactKind`][salesflow.facts.FactKind].
        choices: The allowed values of a choice; empty where any value is allowed.
        low: The lowest value of a number or an amount; None where there is none.
        high: The highest.
        unit: What a number counts. A percentage is a share: 0.2 is 20 %.
        pattern: The form of a text, sign by sign: `#` is a digit, `@` a letter from A to Z or a to
            z, `?` any character, `*` any number of them, once at most; the others are themselves.
        enforced: A value outside its limits or without its form counts as missing, as one does
            that is not among the choices, and people are told. Other limits are only known to hold.
        currency: In what an amount is that does not say so itself: a code of ISO 4217, or the name
            of the fact that holds the currency, such as `amount.currency`; None where nobody says.
        choice_titles: What people call the choices, by choice; not every one has a title. Two facts
            that differ in nothing else are equal.

    Example:
        >>> discount = Fact("discount", FactKind.NUMBER, low=0, high=1, unit="percent")
        >>> discount.admits(0.2), discount.admits(20.0)
        (True, False)
        >>> print(discount.allowed, "-", discount.advice(20.0))
        a share from 0 to 1 (0.2 is 20 %) - enter 0.2, not 20
        >>> Fact("contract", FactKind.TEXT, pattern="C-####").admits("C-12")
        False
        >>> STANDARD_FACTS["account.tier"].choice_titles["strategic"].get("zh")
        '战略客户'
    """

    name: str
    kind: FactKind
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    unit: Unit | None = None
    pattern: str | None = None
    enforced: bool = False
    currency: str | None = None
    choice_titles: Mapping[str, Text] = field(default=_NO_TITLES, compare=False, repr=False)

    def admits(self, value: object) -> bool:
        """Whether the fact can have this value, which is one of its kind in canonical form."""
        if isinstance(value, float):
            return (self.low is None or self.low <= value) and (
                self.high is None or value <= self.high
            )
        if self.pattern is not None and isinstance(value, str):
            return has_form(value, self.pattern)
        return True

    def choice_meant(self, word: object) -> str | None:
        """The choice that somebody meant who wrote another word, or a title; None for no such.

        Example:
            >>> tier = STANDARD_FACTS["account.tier"]
            >>> (
            ...     tier.choice_meant("strategik"),
            ...     tier.choice_meant("战略客户"),
            ...     tier.choice_meant("?"),
            ... )
            ('strategic', 'strategic', None)
        """
        called = self.choice_called(word)
        if called is not None or not isinstance(word, str):
            return called
        listed = self.choices[:_LIKENED]
        titles = {title: choice for title, choice in self._called() if choice in listed}
        return closest(word, listed) or titles.get(closest(word.lower(), titles) or "")

    def choice_called(self, title: object) -> str | None:
        """The choice of that title, in whichever language; None where none is called so."""
        sought = title.strip().lower() if isinstance(title, str) else None
        return next((choice for words, choice in self._called() if words == sought), None)

    def _called(self) -> Iterator[tuple[str, str]]:
        for choice, title in self.choice_titles.items():
            for lang in title.languages:
                yield title.get(lang).lower(), choice

    @property
    def allowed(self) -> Text:
        """What it may be, in words."""
        if self.kind is FactKind.FLAG:
            return _YES_OR_NO
        if self.pattern is not None:
            return filled(_FORM, pattern=self.pattern)
        if self.choices:
            return terms.one_of(self.choices, self.choice_titles)
        low, high = (end if end is None else f"{end:,.15g}" for end in (self.low, self.high))
        noun = _NOUNS.get(self.unit or self.kind, _NOUNS[FactKind.NUMBER])
        words = _RANGES[low is not None, high is not None]
        return filled(words, noun=noun, low=low, high=high, share=self._share())

    def advice(self, value: object) -> Text:
        """What to enter instead of a value that it cannot have."""
        if self.unit == "percent" and isinstance(value, float) and self.admits(value / 100):
            return filled(_SHARE, right=f"{value / 100:.15g}", wrong=f"{value:,.15g}")
        return filled(_ENTER, allowed=self.allowed)

    def _share(self) -> Text | str:
        return _FOR_INSTANCE if self.unit == "percent" else ""


_YES_OR_NO: Final = both(en="yes or no", zh="是或否")
_FORM: Final = both(
    en="a text like {pattern} (# a digit, @ a letter, ? any character, * any text)",
    zh="形如 {pattern} 的文本（# 为数字，@ 为字母，? 为任意字符，* 为任意文本）",
)
_NOUNS: Final[Mapping[str, Text]] = {
    FactKind.NUMBER: both(en="a number", zh="数字"),
    FactKind.MONEY: both(en="an amount", zh="金额"),
    "percent": both(en="a share", zh="比例"),
    "hours": both(en="a number of hours", zh="小时数"),
    "days": both(en="a number of days", zh="天数"),
    "weeks": both(en="a number of weeks", zh="周数"),
    "months": both(en="a number of months", zh="月数"),
    "years": both(en="a number of years", zh="年数"),
    "currency": both(en="an amount", zh="金额"),
}
_RANGES: Final = {
    (True, True): both(
        en="{noun} from {low} to {high}{share}", zh="{low} 到 {high} 的{noun}{share}"
    ),
    (True, False): both(en="{noun} from {low}{share}", zh="不小于 {low} 的{noun}{share}"),
    (False, True): both(en="{noun} up to {high}{share}", zh="不大于 {high} 的{noun}{share}"),
    (False, False): both(en="{noun}{share}", zh="{noun}{share}"),
}
_FOR_INSTANCE: Final = both(en=" (0.2 is 20 %)", zh="（0.2 即 20%）")
_SHARE: Final = both(en="enter {right}, not {wrong}", zh="请填写 {right}，而不是 {wrong}")
_ENTER: Final = both(en="enter {allowed}", zh="请填写{allowed}")


class Facts(Mapping[str, Fact]):
    """An immutable catalogue of facts, by name.

    Example:
        >>> STANDARD_FACTS["account.tier"].choices
        ('regular', 'named', 'strategic')
        >>> more = STANDARD_FACTS.extended([Fact("margin", FactKind.NUMBER)])
        >>> "margin" in more, "margin" in STANDARD_FACTS
        (True, False)
    """

    __slots__ = ("_by_name", "_titles")

    def __init__(
        self, facts: Iterable[Fact] = (), titles: Mapping[str, Text] = MappingProxyType({})
    ) -> None:
        self._by_name: dict[str, Fact] = {fact.name: fact for fact in facts}
        self._titles: dict[str, Text] = dict(titles)

    def extended(
        self, facts: Iterable[Fact], titles: Mapping[str, Text] = MappingProxyType({})
    ) -> Facts:
        """This catalogue with more facts; a fact of the same name replaces the one here.

        Args:
            facts: The further facts.
            titles: What people call facts, by name. A rule that names one by its title is told
                its name.
        """
        return Facts([*self._by_name.values(), *facts], {**self._titles, **titles})

    @property
    def titles(self) -> Mapping[str, Text]:
        """What people call the facts, by name; not every fact has a title."""
        standard = {name: title for name, title in FACT_TITLES.items() if name in self._by_name}
        return MappingProxyType({**standard, **self._titles})

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


BEFORE: Final = "before."
"""What the name of a fact begins with that the policy of a field reads as it is so far."""

NOT_APPLICABLE: Final = "not_applicable."
"""What the name of the flag begins with that a question does not apply to the deal."""

CURRENCY: Final = ".currency"
"""What the name of the fact ends with that holds the currency of the amount before it."""

IN_CURRENCY: Final = "in>"
"""Among what facts are called: the currency of limits and amounts; no rule can read it."""

ASK: Final = "ask>"
"""What the name of a text begins with that says what to do for a fact; no rule can read it."""

WHY: Final = "why>"
"""What the name of a text begins with that says why a fact is as it is; no rule can read it."""

_CALLED: Final[Mapping[str, Text]] = FrozenDict(
    {name: terms.FORECAST_CATEGORIES[name] for name in map(str, FORECAST_CATEGORIES)}
)
_OUTCOMES: Final = {"none": both(en="none", zh="暂无"), **terms.OUTCOMES}

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
        "entered_sub_stage_on",
        "expected_close_on",
        "closed_on",
        "last_activity_on",
        "next_step_on",
    ),
}

_ENDS: Final[Mapping[str, tuple[float, float | None]]] = {
    "probability": (0.0, 1.0),
    **dict.fromkeys(
        ("close_date_pushes", "contacts.total", *(f"contacts.{role}" for role in BUYING_ROLES)),
        (0.0, None),
    ),
}

STANDARD_FACTS: Final = Facts(
    [
        # Which stages and currencies exist is a playbook's and a caller's matter: no list here.
        Fact("stage", FactKind.CHOICE),
        Fact("sub_stage", FactKind.CHOICE),
        Fact("amount.currency", FactKind.CHOICE),
        Fact("outcome", FactKind.CHOICE, OUTCOMES, choice_titles=FrozenDict(_OUTCOMES)),
        Fact(
            "forecast.category",
            FactKind.CHOICE,
            ("closed", *FORECAST_CATEGORIES),
            choice_titles=FrozenDict(terms.FORECAST_CATEGORIES),
        ),
        *(
            Fact(name, FactKind.CHOICE, FORECAST_CATEGORIES, choice_titles=_CALLED)
            for name in ("forecast.owner_call", "forecast.manager_call")
        ),
        Fact("account.tier", FactKind.CHOICE, TIERS, choice_titles=FrozenDict(terms.TIERS)),
        *(
            Fact(
                name,
                kind,
                low=_ENDS.get(name, (None, None))[0],
                high=_ENDS.get(name, (None, None))[1],
            )
            for kind, names in _STANDARD.items()
            for name in names
        ),
        *(
            Fact(name, FactKind.NUMBER, low=0.0, unit="days", enforced=True)
            for name in ("days_on_hold", "days_on_hold_in_stage", "days_on_hold_in_sub_stage")
        ),
    ]
)

FACT_TITLES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "stage": both(en="the stage", zh="所处阶段"),
        "sub_stage": both(en="the sub-stage", zh="所处子阶段"),
        "outcome": both(en="the outcome", zh="结果"),
        "ended": both(en="whether the deal has ended", zh="是否已结束"),
        "on_hold": both(en="whether the deal is on hold", zh="是否暂缓"),
        "amount": both(en="the amount", zh="金额"),
        "amount.currency": both(en="the currency of the amount", zh="金额币种"),
        "owner": both(en="the owner", zh="负责人"),
        "source": both(en="the source of the deal", zh="项目来源"),
        "next_step": both(en="the next step", zh="下一步行动"),
        "account.name": both(en="the account's name", zh="客户名称"),
        "account.industry": both(en="the account's industry", zh="客户行业"),
        "account.tier": both(en="the account's tier", zh="客户级别"),
        "probability": both(en="the probability of winning", zh="赢率"),
        "close_date_pushes": both(
            en="the number of times the expected close date was pushed back",
            zh="预计成交日期的推迟次数",
        ),
        "forecast.category": both(en="the forecast category by the stage", zh="按阶段的预测类别"),
        "forecast.owner_call": both(en="the owner's forecast call", zh="负责人的预测判断"),
        "forecast.manager_call": both(en="the manager's forecast call", zh="经理的预测判断"),
        "created_on": both(en="the day the deal was created", zh="创建日期"),
        "entered_stage_on": both(en="the day the stage was entered", zh="进入当前阶段的日期"),
        "entered_sub_stage_on": both(
            en="the day the sub-stage was entered", zh="进入当前子阶段的日期"
        ),
        "days_on_hold": both(en="the days on hold", zh="暂缓天数"),
        "days_on_hold_in_stage": both(
            en="the days on hold in the stage", zh="在当前阶段期间的暂缓天数"
        ),
        "days_on_hold_in_sub_stage": both(
            en="the days on hold in the sub-stage", zh="在当前子阶段期间的暂缓天数"
        ),
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
