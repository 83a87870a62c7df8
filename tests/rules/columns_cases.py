"""Rules over the whole language, records for them, and what a frame of them says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import polars as pl
from hypothesis import strategies as st

from salesflow._arguments import zone
from salesflow.errors import FrameError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule, Verdict
from salesflow.rules.columns import Columns, Nothing, Rails, engine_of, read, schema_of
from tests.frame_engines import named, rows_of

Record = dict[str, Any]

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"
ZONES: Final = (SHANGHAI, NEW_YORK, "UTC")
AS_OF = date(2024, 3, 10)
TIERS = ("regular", "named", "strategic")

FACTS = Facts(
    [
        Fact("size", FactKind.NUMBER),
        Fact("count", FactKind.NUMBER),
        Fact("amount", FactKind.MONEY),
        Fact("budget", FactKind.MONEY),
        Fact("owner", FactKind.TEXT),
        Fact("backup", FactKind.TEXT),
        Fact("tier", FactKind.CHOICE, TIERS),
        Fact("wanted.tier", FactKind.CHOICE, TIERS),
        Fact("region", FactKind.CHOICE),
        Fact("bought", FactKind.FLAG),
        Fact("asked", FactKind.FLAG),
        Fact("created_on", FactKind.DAY),
        Fact("closed_on", FactKind.DAY),
        Fact("seen_on", FactKind.DAY),
        Fact("sent_at", FactKind.INSTANT),
        Fact("read_at", FactKind.INSTANT),
        Fact("share", FactKind.NUMBER, low=-0.5, high=1.0, enforced=True),
        Fact("fee", FactKind.MONEY, high=50_000.0, enforced=True),
        Fact("code", FactKind.TEXT, pattern="C-#@*?", enforced=True),
        Fact("place", FactKind.TEXT, pattern="(??).", enforced=True),
        Fact("absent", FactKind.NUMBER),
        Fact("absent.flag", FactKind.FLAG),
        Fact("reached.close", FactKind.FLAG),
    ]
)

# Drawn often, so that rules and records meet on them.
NUMBERS = [0.0, 1.0, -1.5, 100_000.0, 100_000.01, 50_000.0, 1e300]
WORDS = [
    "li.wei",
    "anna",
    "Ünal",
    " li.wei",
    "北京",
    "named",
    "it's",
    'say "hi"',
    "back\\slash",
    "C-1ab",
    "(ab).",
]
DAYS = [AS_OF + timedelta(days=n) for n in (-31, -30, -1, 0, 1, 30)] + [date.min, date.max]


def sometimes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values, values, values)


def naive(day: date, seconds: int) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)


seconds = st.sampled_from([0, 1, 3_600 * 5, 3_600 * 16, 86_399])
floats = st.one_of(st.sampled_from(NUMBERS), st.floats(allow_nan=True, allow_infinity=True))
money = st.one_of(
    st.sampled_from([Decimal("100000.00"), Decimal("100000.01"), Decimal(50000), Decimal(0)]),
    st.decimals(min_value=0, max_value=Decimal("9999999999999.99"), places=2),
)
fine_money = st.one_of(
    money, st.decimals(min_value=-1, max_value=Decimal("1e12"), places=6), st.just(Decimal("0.1"))
)
words = st.sampled_from([*WORDS, "", " \t", "\u00a0"])
labels = st.sampled_from([*TIERS, "Named", "vip", " "])
days = st.one_of(st.sampled_from(DAYS), st.dates())
inner_days = st.one_of(st.sampled_from(DAYS[:6]), st.dates(date(1900, 1, 2), date(2200, 1, 1)))
moments = st.builds(lambda day, s: naive(day, s).replace(tzinfo=UTC), inner_days, seconds)

# Beside what fits and what does not, what some engine takes for the end of a text.
codes = st.one_of(
    words,
    st.sampled_from(
        ["C-1a", "C-1ax", "C-1a北", "xC-1ax", "C-1ax\n", "C-1a\u2028", "(ab).", "(北京)."]
    ),
    st.text("C-1a(). \n\r\x85b", max_size=6),
)

records = st.fixed_dictionaries(
    {
        "size": sometimes(floats),
        "count": sometimes(st.integers(-(2**63), 2**63 - 1)),
        "amount": sometimes(money),
        "budget": sometimes(fine_money),
        "owner": sometimes(words),
        "backup": sometimes(words),
        "tier": sometimes(labels),
        "wanted.tier": sometimes(labels),
        "region": sometimes(words),
        "bought": sometimes(st.booleans()),
        "asked": sometimes(st.sampled_from(["+", "-", "?"])),
        "created_on": sometimes(days),
        "closed_on": sometimes(st.builds(naive, days, seconds)),
        "seen_on": sometimes(moments.map(lambda m: m.astimezone(ZoneInfo(NEW_YORK)))),
        "sent_at": sometimes(moments),
        "read_at": sometimes(moments.map(lambda m: m.astimezone(ZoneInfo(NEW_YORK)))),
        "reached.close": sometimes(st.booleans()),
        "share": sometimes(floats),
        "fee": sometimes(money),
        "code": sometimes(codes),
        "place": sometimes(codes),
    }
)

ops = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
equals = st.sampled_from(["==", "!="])
number_facts = st.sampled_from(["size", "count", "amount", "budget", "absent", "share", "fee"])
word_facts = st.sampled_from(["owner", "backup", "region", "code", "place"])
tier_facts = st.sampled_from(["tier", "wanted.tier"])
day_facts = st.sampled_from(["created_on", "closed_on", "seen_on"])
time_facts = st.one_of(day_facts, st.sampled_from(["sent_at", "read_at"]))
flag_facts = st.sampled_from(["bought", "asked", "absent.flag", 'reached("close")'])
number_literals = st.sampled_from(["0", "1", "100_000", "100_000.01", "50000", "-1.5", "1e300"])
word_literals = st.sampled_from([json.dumps(word, ensure_ascii=False) for word in WORDS])
tier_literals = st.sampled_from([f'"{tier}"' for tier in TIERS])
day_literals = st.one_of(
    st.just("today"), st.sampled_from(DAYS).map(lambda day: f'date("{day.isoformat()}")')
)


def text(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: template.format(*found))


def listed(fact: st.SearchStrategy[str], literal: st.SearchStrategy[str]) -> Any:
    several = st.lists(literal, min_size=1, max_size=6, unique=True)
    return text("{} in ({},)", fact, several.map(", ".join))


atoms = st.one_of(
    text("{} {} {}", number_facts, ops, number_literals),
    text("{} {} {} {} {}", number_literals, ops, number_facts, ops, number_literals),
    text("{} {} {}", st.sampled_from(["size", "count"]), ops, st.sampled_from(["size", "absent"])),
    text("amount {} {}", ops, st.sampled_from(["budget", "fee"])),
    text("share {} {}", ops, st.sampled_from(["size", "count"])),
    listed(number_facts, number_literals),
    text("{} {} {}", word_facts, equals, word_literals),
    text("owner {} backup", equals),
    listed(word_facts, word_literals),
    text("{} {} {}", tier_facts, equals, tier_literals),
    text("tier {} wanted.tier", equals),
    listed(tier_facts, tier_literals),
    text("{} {} {}", time_facts, ops, day_literals),
    text("{} {} {}", day_facts, ops, day_facts),
    text("sent_at {} read_at", ops),
    listed(day_facts, day_literals.filter(lambda day: day != "today")),
    text(
        "days_{}({}) {} {}",
        st.sampled_from(["since", "until"]),
        time_facts,
        ops,
        st.sampled_from(["0", "1", "30", "-5", "9_000_000"]),
    ),
    flag_facts,
    text(
        "known({})",
        st.one_of(number_facts, word_facts, tier_facts, time_facts, flag_facts),
        # A column that is not there is not a missing value: see the test below.
    ).filter(lambda rule: "reached" not in rule and "absent" not in rule),
    st.sampled_from(["True", "False"]),
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=4)
    return st.one_of(
        text("not ({})", inner),
        several.map(lambda items: " and ".join(f"({item})" for item in items)),
        several.map(lambda items: " or ".join(f"({item})" for item in items)),
        several.flatmap(
            lambda items: st.integers(1, len(items)).map(
                lambda n: f"at_least({n}, {', '.join(items)})"
            )
        ),
    )


rules = st.recursive(atoms, combined, max_leaves=8)

SCHEMA: Final[Mapping[str, Any]] = {
    "size": pl.Float64,
    "count": pl.Int64,
    "amount": pl.Decimal(38, 2),
    "budget": pl.Decimal(38, 6),
    "owner": pl.String,
    "backup": pl.Categorical,
    "tier": pl.String,
    "wanted.tier": pl.String,
    "region": pl.String,
    "bought": pl.Boolean,
    "asked": pl.String,
    "created_on": pl.Date,
    "closed_on": pl.Datetime("us"),
    "seen_on": pl.Datetime("us", NEW_YORK),
    "sent_at": pl.Datetime("us", "UTC"),
    "read_at": pl.Datetime("us", NEW_YORK),
    "reached.close": pl.Boolean,
    "share": pl.Float64,
    "fee": pl.Decimal(38, 2),
    "code": pl.String,
    "place": pl.Categorical,
}


KEY: Final = "row"
_SHOWN: Final = {
    (True, False): Verdict.YES,
    (False, True): Verdict.NO,
    (False, False): Verdict.UNKNOWN,
}


def polars_of(
    rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any] = SCHEMA
) -> pl.DataFrame:
    """The records as a frame of polars, with their numbers."""
    columns = {
        name: pl.Series([row.get(name) for row in rows], dtype=kind)
        for name, kind in schema.items()
    }
    return pl.DataFrame({KEY: pl.Series(range(len(rows)), dtype=pl.Int64), **columns})


def verdicts_of(
    frame: Any, rules: Sequence[Rule], tz: str = "UTC", facts: Facts = FACTS
) -> list[list[Verdict] | FrameError]:
    """For each rule what the frame says of each row, in the order of the key; or the refusal."""
    data, columns, _ = opened(frame, tz, facts)
    asked = [rails_of(columns, rule) for rule in rules]
    ends = {
        f"{end}{number}": nw.lit(rail) if isinstance(rail, bool) else rail
        for number, rails in enumerate(asked)
        if isinstance(rails, Rails)
        for end, rail in (("yes", rails.yes), ("no", rails.no))
    }
    found = rows_of(columns.apply(data).select(KEY, **ends), KEY)
    return [
        [_SHOWN[row[f"yes{number}"], row[f"no{number}"]] for row in found]
        if isinstance(rails, Rails)
        else rails
        for number, rails in enumerate(asked)
    ]


def rails_of(columns: Columns, rule: Rule) -> Rails | FrameError:
    """What a rule is over the columns, or why they cannot tell."""
    try:
        return columns.rails(rule.core(AS_OF))
    except FrameError as error:
        return error


def opened(frame: Any, tz: str = "UTC", facts: Facts = FACTS) -> tuple[Any, Columns, list[str]]:
    """The frame with names that are safe everywhere, its facts, and those not read."""
    data = nw.from_native(frame)
    engine, schema, columns = engine_of(data), schema_of(data), Columns()
    safe = {name: name if name == KEY else f"c{n}" for n, name in enumerate(schema)}
    unread = []
    for name, dtype in schema.items():
        if name == KEY:
            continue
        source = read(facts[name], safe[name], dtype, zone=zone(tz), engine=engine)
        if source is None:
            unread.append(name)
        columns.add(name, Nothing() if source is None else source)
    return data.select(*(named(data, name).alias(safe[name]) for name in schema)), columns, unread
