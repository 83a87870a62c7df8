"""The table of docs/engines.md: every engine is asked everything, and this is what it said.

`python -m tests.rules.engine_table` writes it anew, from the root of the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals.stable.v2 as nw
import polars as pl

from salesflow.errors import FrameError
from salesflow.facts import Fact, FactKind, Facts
from salesflow.rules import Rule
from salesflow.rules.columns import schema_of
from tests.frame_engines import EVERY
from tests.rules.columns_cases import AS_OF, NEW_YORK, SHANGHAI, polars_of, verdicts_of

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "engines.md"
PACKAGES: Final = (
    "narwhals",
    "pandas",
    "polars",
    "pyarrow",
    "duckdb",
    "ibis-framework",
    "dask",
    "pyspark",
)
TITLES: Final = {
    "pandas": "pandas",
    "pandas nullable": "pandas, nullable",
    "pandas pyarrow": "pandas, pyarrow",
    "polars": "polars",
    "polars lazy": "polars, lazy",
    "pyarrow": "pyarrow",
    "duckdb": "DuckDB",
    "ibis": "Ibis",
    "dask": "Dask",
    "dask pyarrow": "Dask, pyarrow",
    "pyspark": "Spark",
}
# Where an engine has no such column, the tests give it another one.
AS: Final = {
    nw.Object: "objects",
    nw.Float64: "floats",
    nw.String: "texts",
    nw.Datetime: "datetimes",
}


@dataclass(frozen=True)
class Form:
    """A fact as a column may hold it, with values among which the rules below decide."""

    fact: str
    kind: FactKind
    title: str
    dtype: Any
    seen: type[nw.dtypes.DType]
    values: Sequence[object]
    literals: tuple[str, ...] = ()


NOON: Final = [datetime(2024, 3, day, hour) for day, hour in ((9, 0), (10, 20), (11, 3))]
MOMENTS: Final = [moment.replace(tzinfo=UTC) for moment in NOON]
IN_NEW_YORK: Final = [moment.astimezone(ZoneInfo(NEW_YORK)) for moment in MOMENTS]
AMOUNTS: Final = [Decimal("0.10"), Decimal("99999.99"), Decimal("100000.00")]
DAYS: Final = ('date("2024-03-10")', 'date("2024-03-11")')
CHOICES: Final = ("named", "strategic")

FORMS: Final = (
    Form("float", FactKind.NUMBER, "float", pl.Float64, nw.Float64, [0.1, 3.0, -2.5], ("0.1", "3")),
    Form("int", FactKind.NUMBER, "integer", pl.Int64, nw.Int64, [0, 3, -2], ("0", "3")),
    Form(
        "sum", FactKind.MONEY, "Decimal", pl.Decimal(38, 2), nw.Decimal, AMOUNTS, ("0.1", "100_000")
    ),
    Form(
        "text", FactKind.TEXT, "text", pl.String, nw.String, ["a", " ", "北京"], ('"a"', '"北京"')
    ),
    Form(
        "words",
        FactKind.TEXT,
        "category",
        pl.Categorical,
        nw.Categorical,
        ["a", "b", "a"],
        ('"a"',),
    ),
    Form("label", FactKind.CHOICE, "text", pl.String, nw.String, [*CHOICES, "?"], ('"named"',)),
    Form(
        "group",
        FactKind.CHOICE,
        "category",
        pl.Categorical,
        nw.Categorical,
        [*CHOICES, "?"],
        ('"named"',),
    ),
    Form("bool", FactKind.FLAG, "boolean", pl.Boolean, nw.Boolean, [True, False, True]),
    Form("mark", FactKind.FLAG, "+ - ?", pl.String, nw.String, ["+", "-", "?"]),
    Form("date", FactKind.DAY, "date", pl.Date, nw.Date, [moment.date() for moment in NOON], DAYS),
    Form("naive", FactKind.DAY, "datetime", pl.Datetime("us"), nw.Datetime, NOON, DAYS),
    Form(
        "utc",
        FactKind.DAY,
        "datetime with a zone",
        pl.Datetime("us", "UTC"),
        nw.Datetime,
        MOMENTS,
        DAYS,
    ),
    Form(
        "at",
        FactKind.INSTANT,
        "datetime with a zone",
        pl.Datetime("us", "UTC"),
        nw.Datetime,
        MOMENTS,
        DAYS,
    ),
)
OTHERS: Final = (
    Form("other.float", FactKind.NUMBER, "", pl.Float64, nw.Float64, [3.0, 3.0, None]),
    Form("other.sum", FactKind.MONEY, "", pl.Decimal(38, 6), nw.Decimal, AMOUNTS[::-1]),
    Form("other.text", FactKind.TEXT, "", pl.String, nw.String, ["a", " ", "b"]),
    Form("other.label", FactKind.CHOICE, "", pl.String, nw.String, ["?", "strategic", "named"]),
    Form("other.date", FactKind.DAY, "", pl.Date, nw.Date, [date(2024, 3, 10)] * 3),
    Form("york", FactKind.DAY, "", pl.Datetime("us", NEW_YORK), nw.Datetime, IN_NEW_YORK),
    Form(
        "other.at",
        FactKind.INSTANT,
        "",
        pl.Datetime("us", NEW_YORK),
        nw.Datetime,
        IN_NEW_YORK[::-1],
    ),
)
PAIRS: Final = (
    ("two numbers", "float", "other.float", "UTC"),
    ("two amounts", "sum", "other.sum", "UTC"),
    ("two texts", "text", "other.text", "UTC"),
    ("two choices", "label", "other.label", "UTC"),
    ("two dates", "date", "other.date", "UTC"),
    ("a date and a datetime", "other.date", "naive", "UTC"),
    ("a date and a moment, in the zone of the session", "other.date", "utc", "UTC"),
    ("a date and a moment, in another zone", "other.date", "utc", SHANGHAI),
    ("the same, from `America/New_York`", "other.date", "york", SHANGHAI),
    ("two moments, in two zones", "at", "other.at", SHANGHAI),
)

ALL: Final = {form.fact: form for form in (*FORMS, *OTHERS)}
FACTS: Final = Facts(
    Fact(form.fact, form.kind, CHOICES if form.kind is FactKind.CHOICE else ())
    for form in ALL.values()
)
SCHEMA: Final[Mapping[str, Any]] = {form.fact: form.dtype for form in ALL.values()}
ROWS: Final = [
    *({form.fact: form.values[n] for form in ALL.values()} for n in range(3)),
    dict.fromkeys(ALL),
]


def rules_of(form: Form) -> list[Rule]:
    """Everything that can be asked of one fact."""
    fact = form.fact
    texts = [f"known({fact})", f"not known({fact})"]
    if form.kind is FactKind.FLAG:
        texts += [fact, f"not {fact}", f"at_least(1, {fact}, known({fact}))"]
    ordered = form.kind not in {FactKind.TEXT, FactKind.CHOICE, FactKind.FLAG}
    for literal in form.literals:
        texts += [f"{fact} {op} {literal}" for op in (OPERATORS if ordered else OPERATORS[:2])]
        texts += [f"not ({fact} == {literal}) or known({fact}) and {fact} != {literal}"]
    if form.literals and form.kind is not FactKind.INSTANT:
        texts += [f"{fact} in ({', '.join(form.literals)},)"]
    if ordered:
        low, *_, high = form.literals
        texts += [f"{low} <= {fact} < {high}"]
    if form.kind in {FactKind.DAY, FactKind.INSTANT}:
        texts += [f"{age}({fact}) >= 1" for age in ("days_since", "days_until")]
    return [Rule.parse(text, FACTS) for text in texts]


OPERATORS: Final = ("==", "!=", "<", "<=", ">", ">=")


def pair_rules(one: str, other: str) -> list[Rule]:
    operators = (
        OPERATORS if FACTS[one].kind not in {FactKind.TEXT, FactKind.CHOICE} else OPERATORS[:2]
    )
    return [Rule.parse(f"{one} {op} {other}", FACTS) for op in operators]


def table(answers: Mapping[str, Sequence[str]]) -> str:
    """What every engine answers, in Markdown; `WRONG` where it is not what the rule says."""
    heads = [TITLES[engine] for engine in answers]
    rows = list(zip(*answers.values(), strict=True))
    lines = _lines(("A fact of kind", "in a column of", *heads))
    for form, found in zip(FORMS, rows, strict=False):
        lines.append(_line((f"{form.kind}", form.title, *found)))
    lines += ["", *_lines(("Compared", *heads))]
    for (title, *_), found in zip(PAIRS, rows[len(FORMS) :], strict=True):
        lines.append(_line((title, *found)))
    return "\n".join([*lines, "", f"Asked of {_versions()}."])


def answers_of(engine: str) -> list[str]:
    """The column of an engine in the table: first of all forms, then of all pairs."""
    answers = dict(_answers(engine))
    return [answers[asked] for asked in (*(form.fact for form in FORMS), *(p[0] for p in PAIRS))]


def written(page: str) -> dict[str, list[str]]:
    """The columns of the engines as they stand in the page."""
    lines = [line for line in parts(page)[1].splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines if not line.startswith("| ---")]
    # Of forms there are two cells before the answers, of pairs one; each has a line of heads.
    rows = [row[-len(EVERY) :] for row in (*cells[1 : len(FORMS) + 1], *cells[len(FORMS) + 2 :])]
    return dict(zip(EVERY, map(list, zip(*rows, strict=True)), strict=True))


def _answers(engine: str) -> Iterator[tuple[str, str]]:
    frame = EVERY[engine](polars_of(ROWS, SCHEMA))
    schema = schema_of(nw.from_native(frame))
    asked = {form.fact: rules_of(form) for form in FORMS}
    said = _said(frame, [rule for rules in asked.values() for rule in rules], "UTC")
    for form in FORMS:
        dtype = schema[form.fact]
        instead = "" if dtype == form.seen else f", as {AS[dtype.base_type()]}"
        yield form.fact, _of(said[rule] for rule in asked[form.fact]) + instead
    for zone in ("UTC", SHANGHAI):
        pairs = {title: pair_rules(a, b) for title, a, b, tz in PAIRS if tz == zone}
        said = _said(frame, [rule for rules in pairs.values() for rule in rules], zone)
        for title, rules in pairs.items():
            yield title, _of(said[rule] for rule in rules)


def _said(frame: Any, rules: list[Rule], tz: str) -> dict[Rule, str]:
    found = {}
    for rule, verdicts in zip(rules, verdicts_of(frame, rules, tz, FACTS), strict=True):
        if isinstance(verdicts, FrameError):
            found[rule] = "refused"
        else:
            expected = [rule.verdict(row, AS_OF, tz=tz) for row in ROWS]
            found[rule] = "yes" if verdicts == expected else "WRONG"
    return found


def _of(answers: Iterator[str]) -> str:
    found = set(answers)
    return found.pop() if len(found) == 1 else "WRONG"


def _lines(heads: Sequence[str]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads))]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _versions() -> str:
    pinned = (ROOT / "constraints-dev.txt").read_text("utf-8")
    found = {
        name: re.search(rf"^{name}==(\S+)$", pinned, re.MULTILINE).group(1)  # type: ignore[union-attr]
        for name in PACKAGES
    }
    return ", ".join(f"{name} {version}" for name, version in found.items())


def parts(page: str) -> tuple[str, str, str]:
    """What stands before the table, the table, and what stands after it."""
    before, _, rest = page.partition("<!-- table -->\n")
    written, _, after = rest.partition("\n<!-- end of table -->")
    return before, written, after


if __name__ == "__main__":
    before, _, after = parts(PAGE.read_text("utf-8"))
    asked = table({engine: answers_of(engine) for engine in EVERY})
    PAGE.write_text(f"{before}<!-- table -->\n{asked}\n<!-- end of table -->{after}", "utf-8")
