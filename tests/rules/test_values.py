"""Which values facts may have, and what counts as missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from salesflow.errors import ArgumentError, FactError
from salesflow.facts import STANDARD_FACTS, Fact, FactKind
from salesflow.rules import Rule, Verdict, canonical
from salesflow.rules._values import _plain, _text
from tests.rules.work import steps

YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN
EAST = timezone(timedelta(hours=8))


class Size(IntEnum):
    BIG = 7


class Tier(StrEnum):
    NAMED = "named"


class OldTier(str, Enum):  # noqa: UP042 - its str() is its name, which is the point
    NAMED = "named"


MISSING = [None, float("nan"), Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT, np.float64("nan")]

NUMBERS = [
    (5, 5.0),
    (5.5, 5.5),
    (Decimal("5.5"), 5.5),
    (np.int64(5), 5.0),
    (np.float32(0.5), 0.5),
    (np.array(5), 5.0),
    (Size.BIG, 7.0),
    (float("inf"), float("inf")),
    (Decimal("-Infinity"), float("-inf")),
    (10**400, float("inf")),
    (-(10**400), float("-inf")),
    (Decimal("1e999"), float("inf")),
]


@pytest.mark.parametrize(("value", "expected"), NUMBERS, ids=range(len(NUMBERS)))
def test_numbers_become_binary64(value: object, expected: float) -> None:
    found = canonical(FactKind.NUMBER, value)
    assert found == expected
    assert type(found) is float
    assert canonical(FactKind.MONEY, value) == expected


@pytest.mark.parametrize("kind", list(FactKind))
@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_every_sort_of_missing_is_missing_for_every_kind(kind: FactKind, value: object) -> None:
    assert canonical(kind, value) is None


NOT_NUMBERS = [True, "5", b"5", "", Fraction(1, 2), 1j, [], np.True_, np.array([5]), pd.Series([5])]


@pytest.mark.parametrize("value", NOT_NUMBERS, ids=range(len(NOT_NUMBERS)))
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(FactError, match="is not a number"):
        canonical(FactKind.NUMBER, value)


SHOWN: list[tuple[object, str]] = [
    (10**18 - 1, "the int 999999999999999999"),
    (-(10**18) + 1, "the int -999999999999999999"),
    (10**18, "the int '…'"),
    (True, "the bool True"),
    ("x" * 40, f"the str '{'x' * 40}'"),
    ("x" * 41, f"the str '{'x' * 40}'"),
    (b"x" * 41, f"the bytes b'{'x' * 40}'"),
    (["x"], "a value of type list"),
]


@pytest.mark.parametrize(("value", "shown"), SHOWN, ids=range(len(SHOWN)))
def test_a_refused_value_is_shown_short(value: object, shown: str) -> None:
    with pytest.raises(FactError) as caught:
        canonical(FactKind.DAY, value)
    assert caught.value.message == f"{shown} is not a day"


@pytest.mark.parametrize("value", ["", " ", "\t\r\n\v\f "], ids=repr)
def test_a_blank_text_is_missing(value: str) -> None:
    assert canonical(FactKind.TEXT, value) is None


@pytest.mark.parametrize(
    "value", [" a ", "\u3000", "\u00a0", "北京", "\ud800", np.str_("a")], ids=ascii
)
def test_other_texts_are_compared_as_they_are(value: str) -> None:
    found = canonical(FactKind.TEXT, value)
    assert found == value
    assert type(found) is str


@pytest.mark.parametrize("value", [Tier.NAMED, OldTier.NAMED, "named"])
def test_a_choice_is_one_of_its_list_or_missing(value: str) -> None:
    assert canonical(FactKind.CHOICE, value, choices=("named",)) == "named"
    assert canonical(FactKind.CHOICE, value, choices=("other",)) is None
    assert canonical(FactKind.CHOICE, value) == "named"


@pytest.mark.parametrize("value", [5, b"named", ["named"], True])
def test_what_is_no_text_is_refused(value: object) -> None:
    for choices in ((), ("named",)):
        with pytest.raises(FactError, match="is not a text"):
            canonical(FactKind.CHOICE, value, choices=choices)


FLAGS = [
    (True, True),
    (False, False),
    ("+", True),
    ("-", False),
    ("?", None),
    (YES, True),
    (NO, False),
    (UNKNOWN, None),
    (np.True_, True),
    (np.bool_(False), False),
]


@pytest.mark.parametrize(("value", "expected"), FLAGS)
def test_flags_are_booleans_marks_or_verdicts(value: object, expected: bool | None) -> None:
    assert canonical(FactKind.FLAG, value) is expected


@pytest.mark.parametrize(
    "value", [0, 1, 1.0, "yes", "True", "", "＋", np.int64(1), 10**5000], ids=range(9)
)
def test_nothing_else_is_taken_for_a_flag(value: object) -> None:
    with pytest.raises(FactError, match="is not a flag") as caught:
        canonical(FactKind.FLAG, value)
    assert "pass True, False, None" in caught.value.hint


def test_a_day_is_a_calendar_day_in_the_zone() -> None:
    late = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
    assert canonical(FactKind.DAY, date(2026, 1, 31)) == date(2026, 1, 31)
    assert canonical(FactKind.DAY, datetime(2026, 1, 31, 23, 30)) == date(2026, 1, 31)
    assert canonical(FactKind.DAY, late) == date(2026, 1, 31)
    assert canonical(FactKind.DAY, late, "Asia/Shanghai") == date(2026, 2, 1)
    assert type(canonical(FactKind.DAY, pd.Timestamp("2026-01-31 10:00"))) is date
    assert canonical(FactKind.DAY, np.datetime64("2026-01-31")) == date(2026, 1, 31)


def test_an_instant_is_in_utc_and_knows_microseconds_only() -> None:
    moment = datetime(2026, 1, 31, 8, tzinfo=EAST)
    assert canonical(FactKind.INSTANT, moment) == datetime(2026, 1, 31, tzinfo=UTC)
    fine = pd.Timestamp("2026-01-31 00:00:00.000000999", tz="UTC")
    assert canonical(FactKind.INSTANT, fine) == datetime(2026, 1, 31, tzinfo=UTC)
    with pytest.raises(FactError, match="without a time zone"):
        canonical(FactKind.INSTANT, datetime(2026, 1, 31))
    with pytest.raises(FactError, match="not a moment"):
        canonical(FactKind.INSTANT, date(2026, 1, 31))
    with pytest.raises(FactError, match="end of the calendar"):
        canonical(FactKind.INSTANT, datetime.min.replace(tzinfo=EAST))


@pytest.mark.parametrize(
    ("moment", "tz"),
    [
        (datetime.max.replace(tzinfo=UTC), "Asia/Shanghai"),
        (datetime.min.replace(tzinfo=UTC), "America/New_York"),
        (pd.Timestamp.max.tz_localize("UTC"), "Asia/Shanghai"),
    ],
)
def test_a_moment_that_has_no_day_in_the_zone_is_refused(moment: datetime, tz: str) -> None:
    with pytest.raises(FactError, match="end of the calendar"):
        canonical(FactKind.DAY, moment, tz)


PLAIN: list[tuple[FactKind, object, tuple[str, ...]]] = [
    (FactKind.NUMBER, 5.0, ()),
    (FactKind.TEXT, "a", ()),
    (FactKind.CHOICE, "a", ("a", "b")),
    (FactKind.CHOICE, "c", ("a", "b")),
    (FactKind.FLAG, True, ()),
    (FactKind.FLAG, False, ()),
    (FactKind.FLAG, None, ()),
    (FactKind.DAY, date(2026, 1, 31), ()),
]


@pytest.mark.parametrize(("kind", "value", "choices"), PLAIN)
def test_a_plain_value_is_taken_as_it_is(
    kind: FactKind, value: object, choices: tuple[str, ...]
) -> None:
    for asked in (_plain, *([_text] if choices else [])):
        assert steps(lambda: canonical(kind, value, choices=choices), of=asked) == 0


@pytest.mark.parametrize("value", ["2026-01-31", 5, np.datetime64("2026-01-31", "ns")])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(FactError, match="is not a day"):
        canonical(FactKind.DAY, value)


@pytest.mark.parametrize("tz", ["Mars/Olympus", "", "../etc/passwd", "\x00", 5], ids=repr)
def test_a_zone_that_does_not_exist_is_refused(tz: str) -> None:
    with pytest.raises(ArgumentError, match="tz must name a time zone"):
        canonical(FactKind.DAY, datetime(2026, 1, 1, tzinfo=UTC), tz)


def test_every_wrong_fact_is_told_at_once_wherever_it_stands() -> None:
    rule = Rule.parse('ended or amount > 5 or owner == "x" or known(closed_on)')
    facts = {"ended": True, "amount": "5", "owner": 5, "closed_on": "2026-01-31", "stage": 5}
    for ask in (rule.verdict, rule.evaluate):
        with pytest.raises(FactError) as caught:
            ask(facts)
        assert [problem.path for problem in caught.value.problems] == [
            "amount",
            "owner",
            "closed_on",
        ]


def test_a_rule_that_uses_time_needs_a_day() -> None:
    rule = Rule.parse("days_since(closed_on) > 5")
    assert rule.uses_time
    for ask in (rule.verdict, rule.evaluate):
        for given in ({}, {"closed_on": "which is no day"}):
            with pytest.raises(FactError, match="no day was given"):
                ask(given)
        with pytest.raises(ArgumentError, match="as_of must be a day"):
            ask({}, "2026-01-31")  # type: ignore[arg-type]
    facts = {"closed_on": date(2026, 1, 1)}
    assert rule.verdict(facts, datetime(2026, 1, 6, 23, tzinfo=UTC)) is NO
    assert rule.verdict(facts, datetime(2026, 1, 6, 23, tzinfo=UTC), tz="Asia/Shanghai") is YES


def test_absent_facts_are_unknown_and_other_keys_are_ignored() -> None:
    rule = Rule.parse("amount > 5")
    assert rule.verdict({}) is UNKNOWN
    assert rule.verdict({"amount": None, "nonsense": object()}) is UNKNOWN
    assert rule.evaluate({"nonsense": 1}).seen == {"amount": None}


def test_a_choice_outside_its_list_is_unknown_and_said_so() -> None:
    finding = Rule.parse('account.tier != "named"').evaluate({"account.tier": "platinum"})
    assert finding.verdict is UNKNOWN
    (blocker,) = finding.blockers()
    assert str(blocker.fix) == 'account.tier is "platinum", which is not in its list'


def test_the_title_of_a_choice_is_told_with_the_choice_to_enter_instead() -> None:
    finding = Rule.parse('account.tier == "strategic"').evaluate({"account.tier": "战略客户"})
    assert finding.verdict is UNKNOWN
    (blocker,) = finding.blockers()
    assert blocker.fix.en == (
        'account.tier is "战略客户", which is what people call "strategic"; enter that'
    )
    assert blocker.fix.zh == ("account.tier 现为“战略客户”，这是“strategic”的名称；请填写后者")


SEEN_AT = STANDARD_FACTS.extended([Fact("seen_at", FactKind.INSTANT)])


@pytest.mark.parametrize(
    ("moment", "tz", "text", "expected"),
    [
        # Half an hour before midnight in Greenwich, when it is the next day in Shanghai.
        (
            datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
            "Asia/Shanghai",
            "days_since(seen_at) <= 7",
            YES,
        ),
        (datetime(2026, 3, 1, 23, 30, tzinfo=UTC), "UTC", "days_since(seen_at) <= 7", NO),
        (
            datetime(2026, 3, 2, 0, 30, tzinfo=UTC),
            "America/New_York",
            "days_since(seen_at) <= 7",
            NO,
        ),
        # Where the calendar ends, the nearest day counts.
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", "days_since(seen_at) > 7", YES),
        (datetime.max.replace(tzinfo=UTC), "Asia/Shanghai", "days_since(seen_at) > 7", NO),
    ],
)
def test_a_moment_has_its_day_in_the_zone_however_a_rule_is_asked(
    moment: datetime, tz: str, text: str, expected: Verdict
) -> None:
    rule = Rule.parse(text, SEEN_AT)
    facts = {"seen_at": moment}
    assert rule.verdict(facts, date(2026, 3, 9), tz=tz) is expected
    assert rule.evaluate(facts, date(2026, 3, 9), tz=tz).verdict is expected


def test_a_whole_number_that_binary64_does_not_have_is_compared_as_the_nearest_one() -> None:
    rule = Rule.parse("amount > 10_000_000_000_000_000")
    beside = {"amount": 10**16 + 1}
    assert rule.verdict(beside) is rule.evaluate(beside).verdict is NO
    assert rule.verdict({"amount": 10**16 + 2}) is YES
