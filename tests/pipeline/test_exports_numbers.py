"""Numbers are read as they are written, and refused where that could mean two things."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from unicodedata import normalize

import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow import load_playbook
from salesflow.errors import ArgumentError, FrameError
from salesflow.money._currencies import currency_of
from salesflow.pipeline import check_pipeline
from salesflow.pipeline.exports import read_numbers
from salesflow.pipeline.exports._number_shapes import number_shape, shape_of
from salesflow.rules._notations import POWERS
from tests.pipeline.conftest import AS_OF, ENGINES, counts_only

Engine = Callable[[pl.DataFrame], Any]


def texts(*values: str | None, name: str = "n") -> pl.DataFrame:
    return pl.DataFrame({name: pl.Series(values, dtype=pl.String)})


def held(frame: Any, column: str = "n") -> list[Any]:
    found = nw.from_native(frame).lazy().collect()[column].to_list()
    return [None if pd.isna(each) else each for each in found]


# --------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (["1234", "0", "-5", "007"], [1234, 0, -5, 7]),
        (["$1,234.00", "$ 5", "-$5", "$-5", "US$7"], None),
        (["$1,234.00", "$ 5", "-$5", "$-5"], [1234, 5, -5, -5]),
        (["1.234,00 €", "€5", "EUR 7,5", "8 eur"], [1234, 5, 7.5, 8]),
        (["USD 1,200.50", "$5 USD", "5 usd"], [1200.5, 5, 5]),
        (["(1,234.5)", "($1.2k)", "$(5)", "(5) USD"], None),
        (["(1,234.5)", "($1.2k)", "$(5)"], [-1234.5, -1200, -5]),
        (["5-", "1,234.5-", "+5", "\u22125", "－5"], [-5, -1234.5, 5, -5, -5]),
        (["65%", "7.5 %", "(3%)", "100%", "-2%"], [0.65, 0.075, -0.03, 1, -0.02]),
        (["1.2k", "3m", "3M", "2bn", "120K", "1.1 million"], [1200, 3e6, 3e6, 2e9, 12e4, 1.1e6]),
        (["2.3m", "0.07k", "4.35m"], [2_300_000, 70, 4_350_000]),  # as decimals, not as products
        (["120万", "1.5亿元", "¥3 千万", "3萬", "8000元"], [12e5, 15e7, 3e7, 3e4, 8000]),
        (["人民币5万元", "RMB 3", "CNY 7"], [50_000, 3, 7]),
        (["1 234,5", "1\u202f234\u202f567", "12\u00a0345,75"], [1234.5, 1_234_567, 12_345.75]),
        (["1'234'567.5", "1\u2019234", "5"], [1_234_567.5, 1234, 5]),
        (["₹1,00,000", "12,34,567.5", "₹ 5"], [100_000, 1_234_567.5, 5]),
        (["１２３．５", "1，234", "５"], [123.5, 1234, 5]),
        (["1.2E+06", "-3e-2", "5"], [1_200_000, -0.03, 5]),
        ([".5", "-.25", "$.75"], [0.5, -0.25, 0.75]),
        ([",5", "1.234,5"], [0.5, 1234.5]),
        ([".5", ".75"], [0.5, 0.75]),
        (["($1,234.5k)", "($2k)"], [-1_234_500, -2000]),
        (["Rs. 1,500.5", "Rs. 2"], [1500.5, 2]),
        (["65,5%", "7%"], [0.655, 0.07]),
        (["Rs.500", "Rs. 1,500.5", "Rs 7"], [500, 1500.5, 7]),
        (["3,5 Mio. €", "7 Mio. €"], [3.5e6, 7e6]),
        (["5 kr.", "1 500 kr"], [5, 1500]),
        ([" 5\t", "", " ", "\u00a0", None], [5, None, None, None, None]),
    ],
)
def test_a_column_is_read_as_it_is_written(
    written: list[str | None], numbers: list[Any] | None, engine: Engine
) -> None:
    frame = engine(texts(*written).with_columns(other=pl.lit("x")))

    if numbers is None:  # $ may be another dollar than the one that is named
        with pytest.raises(FrameError, match="these are amounts in 2 currencies: "):
            read_numbers(frame, "n")
        return
    read = read_numbers(frame, "n")

    assert type(read) is type(frame)
    assert held(read) == numbers
    assert held(read, "other") == ["x"] * len(written)


@pytest.mark.parametrize(
    ("written", "decided"),
    [
        (["1,234", "0.5"], [1234, 0.5]),
        (["1,234", "12,5"], [1.234, 12.5]),
        (["1.234", "1,234.5"], [1.234, 1234.5]),
        (["1.234", "1.234.567"], [1234, 1_234_567]),
        (["1,234", "1 234"], None),
        (["1.234", "900", None], None),
        (["$1,234"], None),
        (["1,234k"], None),
    ],
)
def test_one_value_decides_for_all_and_where_none_does_nothing_is_guessed(
    written: list[str | None], decided: list[float] | None, engine: Engine
) -> None:
    frame = engine(texts(*written))

    if decided is None:
        with pytest.raises(FrameError) as raised:
            read_numbers(frame, "n")
        (problem,) = raised.value.problems
        assert problem.code == "ambiguous_number"
        assert counts_only(problem.message) == (
            "these are numbers in two ways, with a decimal point and with a decimal comma: "
            f"{written[0]!r} (1 row)"
        )
        assert problem.hint == 'say which: decimal={"n": "."} or decimal={"n": ","}'
    else:
        assert held(read_numbers(frame, "n")) == decided


@pytest.mark.parametrize(("decimal", "number"), [(".", 1.234), (",", 1234.0), ({"n": ","}, 1234.0)])
def test_a_decimal_mark_that_is_said_decides(decimal: Any, number: float, engine: Engine) -> None:
    assert held(read_numbers(engine(texts("1.234")), "n", decimal=decimal)) == [number]


def test_columns_of_numbers_stay_as_they_are(engine: Engine) -> None:
    frame = engine(
        pl.DataFrame(
            {
                "whole": [1, 2],
                "float": [0.5, None],
                "none": pl.Series([None, None], dtype=pl.Float64),
                "blank": ["", None],
            }
        )
    )

    read = read_numbers(frame, ["whole", "float", "none", "blank"])

    assert held(read, "whole") == [1, 2]
    assert held(read, "float") == [0.5, None]
    assert held(read, "none") == held(read, "blank") == [None, None]


def test_a_frame_without_rows_is_read(engine: Engine) -> None:
    assert held(read_numbers(engine(texts()), "n")) == []


def test_categories_are_texts() -> None:
    assert held(read_numbers(pd.DataFrame({"n": pd.Categorical(["1,234.5", None])}), "n")) == [
        1234.5,
        None,
    ]


def test_texts_that_stand_for_nothing_are_said(engine: Engine) -> None:
    frame = engine(texts("NA", "5", "-", " N/A ", "-5"))

    with pytest.raises(FrameError, match=re.escape('say missing=["-", "N/A", "NA"]')):
        read_numbers(frame, "n")
    assert held(read_numbers(frame, "n", missing=("NA", "N/A", "-"))) == [None, 5, None, None, -5]


def test_what_was_read_can_be_checked() -> None:
    deals = pl.DataFrame(
        {
            "id": ["a", "b"],
            "stage": "demand_generation",
            "amount": ["$1,234.00", "($5.00)"],
            "probability": ["65%", "7%"],
        }
    )

    read = read_numbers(deals, ["amount", "probability"])

    report = check_pipeline(read, load_playbook("optimized_sales_process"), key="id", as_of=AS_OF)
    assert report.counts["hygiene.amount_not_negative"].no == 1
    assert report.counts["hygiene.probability_in_range"].no == 0


def test_what_is_refused_as_text_is_read_by_the_line_that_the_error_says(engine: Engine) -> None:
    """The traps of files that left their owner with "convert": each says how."""
    deals = pl.DataFrame(
        {
            "id": ["a", "b"],
            "stage": ["demand_generation"] * 2,
            "amount": ["$1,234.00", "120k"],
            "probability": ["65%", "7%"],
            "created_on": ["26-Jan-2015", "1-Feb-2015"],
            'the "close"': ["12/31/26", "1/5/27"],
        }
    )
    known: dict[str, Any] = {
        "key": "id",
        "as_of": AS_OF,
        "columns": {"expected_close_on": 'the "close"'},
    }
    playbook = load_playbook("optimized_sales_process")
    lines = {
        'amount: frame = sf.pipeline.read_numbers(frame, "amount")',
        'probability: frame = sf.pipeline.read_numbers(frame, "probability")',
        'created_on: frame = sf.pipeline.read_days(frame, "created_on")',
        'the "close": frame = sf.pipeline.read_days(frame, "the \\"close\\"")',
    }

    for ask in (sf.check_pipeline, sf.pipeline.metrics):
        with pytest.raises(FrameError) as raised:
            ask(engine(deals), playbook, **known)
        told = {
            f"{problem.path}: {problem.hint.partition('read it first')[2].partition(': ')[2]}"
            for problem in raised.value.problems
        }
        assert told == lines

    space: dict[str, Any] = {"frame": engine(deals), "sf": sf}
    for line in sorted(lines):
        exec(line.partition(": ")[2], space)  # noqa: S102 - the line is to be pasted
    report = sf.check_pipeline(space["frame"], playbook, **known)
    assert report.counts["hygiene.amount_known"].yes == 2
    assert report.counts["hygiene.close_date_not_past"].yes == 2
    assert sf.pipeline.metrics(space["frame"], playbook, **known).open_value.value == 121_234


def test_a_history_says_what_reads_its_times_and_its_order(engine: Engine) -> None:
    log = pl.DataFrame({"id": ["a"], "stage": ["won"], "at": ["26-Jan-2015"], "n": ["1"]})

    with pytest.raises(FrameError) as raised:
        sf.pipeline.check_history(
            engine(log),
            load_playbook("optimized_sales_process"),
            case="id",
            stage="stage",
            at="at",
            order="n",
        )

    hints = {problem.path: problem.hint for problem in raised.value.problems}
    assert 'sf.pipeline.read_days(frame, "at")' in hints["at"]
    assert 'sf.pipeline.read_numbers(frame, "n")' in hints["order"]


def test_a_probability_from_0_to_100_is_told_alike_by_the_check_and_by_metrics() -> None:
    deals = pl.DataFrame(
        {"id": ["a"], "stage": ["demand_generation"], "amount": [1.0], "probability": [65]}
    )
    playbook = load_playbook("optimized_sales_process")

    report = check_pipeline(deals, playbook, key="id", as_of=AS_OF)

    assert report.counts["hygiene.probability_in_range"].no == 1
    assert "divide percentages by 100" in report.message("hygiene.probability_in_range")
    assert "百分数请除以 100" in report.message("hygiene.probability_in_range", "zh")
    with pytest.raises(FrameError, match="divide percentages by 100"):
        sf.pipeline.metrics(deals, playbook, key="id", as_of=AS_OF)


# ------------------------------------------------------------------------------------ currencies


def test_several_currencies_of_a_column_do_not_go_unsaid(engine: Engine) -> None:
    frame = engine(texts("$5", "7 €", "EUR 3", "9", None))

    with pytest.raises(FrameError) as raised:
        read_numbers(frame, "n")
    (problem,) = raised.value.problems
    assert problem.code == "currencies"
    assert str(problem) == (
        "n: these are amounts in 2 currencies: 'EUR' (2 rows), '$' (1 row); "
        'take them into a column: currency_column="amount.currency"'
    )

    read = read_numbers(frame, "n", currency_column="amount.currency")
    assert held(read) == [5, 7, 3, 9, None]
    assert held(read, "amount.currency") == ["$", "EUR", "EUR", None, None]


def test_a_sign_of_one_currency_is_its_code_and_one_of_several_stays_a_sign(engine: Engine) -> None:
    said = {
        "US$ 5": "USD",
        "5 円": "JPY",
        "RMB 5": "CNY",
        "HK$5": "HKD",
        "5 zł": "PLN",
        "₹5": "INR",
        "¥5": "¥",
        "5元": "¥",
        "¥5 CNY": "CNY",
        "$5 CAD": "CAD",
        "5 kr.": "kr",
        "kr 5 NOK": "NOK",
    }

    read = read_numbers(engine(texts(*said)), ["n"], currency_column={"n": "code"})

    assert held(read, "code") == list(said.values())


def test_a_column_for_currencies_is_a_new_one_for_each_column_of_amounts(engine: Engine) -> None:
    frame = engine(texts("$5").with_columns(m=pl.lit("€5"), k=pl.lit(5)))

    both = {"n": "of n", "m": "of m", "k": "of k"}
    read = read_numbers(frame, ["n", "m", "k"], currency_column=both)
    assert [held(read, name) for name in both.values()] == [["$"], ["EUR"], [None]]

    with pytest.raises(FrameError, match="currency_column: there is a column 'm'"):
        read_numbers(frame, "n", currency_column="m")
    with pytest.raises(FrameError, match="'c' is to hold the currencies of 'n'"):
        read_numbers(frame, ["n", "m"], currency_column="c")
    with pytest.raises(ArgumentError, match="must be the name of a new column, not an int"):
        read_numbers(frame, "n", currency_column=3)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "12 apples", "1,2,3", "1.2.3", "12,34.5", "1 2", "1.234.56", "0,123,456.5"),
        *("¥5 USD", "$5 JPY", "%5", "$5 €", "€5 USD", "5.", "5,-", "5.-", "--5", "(5", "5)"),
        *("(-5)", "-5-", "5%%"),
        *("5 k m", "5MM", "1e999", "e5", "$1e5", "5e5%", "½", "²", "1/2", "2026-01-02", "0x10"),
        *("NaN", "inf", "-", "$", "%", "9" * 31, "3亿5000万", "5 千克", "٣", "R\u200bs.5", "1e5k"),
    ],
)
def test_what_is_no_number_is_none(text: str, engine: Engine) -> None:
    with pytest.raises(FrameError) as raised:
        read_numbers(engine(texts(text, "7.5")), "n", decimal=".")

    codes = {problem.code for problem in raised.value.problems}
    assert codes == {"no_number"}
    assert "(1 row)" in counts_only(raised.value.problems[0].message)


def test_where_rows_have_an_order_it_says_where_what_is_no_number_stands_first() -> None:
    frame = texts("$5", None, "tbc", "n/a", "tbc")

    for ordered in (frame, frame.lazy(), frame.to_pandas(), frame.to_arrow()):
        with pytest.raises(FrameError) as raised:
            read_numbers(ordered, "n")
        (problem,) = raised.value.problems
        assert str(problem) == (
            "n: others are numbers, and these are not: 'tbc' (2 rows, first on row 3), 'n/a' "
            '(row 4); correct them, or read the others: unread_column={"n": "n.unread"}; if it '
            'stands for nothing, say missing=["tbc", "n/a"]'
        )


def test_what_is_no_number_can_be_put_aside(engine: Engine) -> None:
    written = ("$5", None, "tbc", "１２", " ", "NA", "€1.234,5", "５ ？")
    frame = engine(texts(*written).with_columns(good=pl.lit("7"), number=pl.lit(7)))
    aside = {"n": "not read", "good": "good.unread", "number": "number.unread"}

    read = read_numbers(
        frame,
        ["n", "good", "number"],
        missing="NA",
        currency_column={"n": "c"},
        unread_column=aside,
    )

    none = None
    assert held(read) == [5, none, none, 12, none, none, 1234.5, none]
    assert held(read, "c") == ["$", none, none, none, none, none, "EUR", none]
    assert held(read, "not read") == [none, none, "tbc", none, none, none, none, "５ ？"]
    assert held(read, "good") == held(read, "number") == [7] * 8
    assert held(read, "good.unread") == held(read, "number.unread") == [none] * 8


def test_what_is_a_number_in_another_way_is_never_put_aside(engine: Engine) -> None:
    frame = engine(texts("1,234.5", "1.234,5", "7,5", "x"))

    with pytest.raises(FrameError, match="others are numbers with a decimal comma") as raised:
        read_numbers(frame, "n", unread_column="n.unread")
    assert "unread_column" not in str(raised.value)  # it would not help
    read = read_numbers(frame, "n", decimal=",", unread_column="n.unread")
    assert held(read) == [None, 1234.5, 7.5, None]
    assert held(read, "n.unread") == ["1,234.5", None, None, "x"]
    with pytest.raises(FrameError, match="others are percentages"):
        read_numbers(engine(texts("5%", "7", "x")), "n", unread_column="n.unread")


def test_percentages_and_other_numbers_in_one_column_are_refused(engine: Engine) -> None:
    with pytest.raises(FrameError) as raised:
        read_numbers(engine(texts("65%", "7", "0.5")), "n")

    (problem,) = raised.value.problems
    assert counts_only(problem.message) == (
        "others are percentages, and these are not: '0.5' (1 row), '7' (1 row)"
    )


def test_everything_that_is_wrong_is_said_at_once(engine: Engine) -> None:
    frame = engine(
        texts("1,234", name="unclear").with_columns(
            none=pl.lit("soon"), flag=pl.lit(value=True), mixed=pl.lit("5 %")
        )
    )

    with pytest.raises(ArgumentError) as raised:
        read_numbers(
            frame,
            ["unclear", "none", "flag", "mixed", "nonne"],
            decimal={"other": ".", "none": ";"},
        )

    assert sorted((problem.path, problem.code) for problem in raised.value.problems) == [
        ("columns", "no_column"),
        ("decimal['none']", "invalid"),
        ("decimal['other']", "invalid"),
        ("flag", "kind"),
        ("none", "no_number"),
        ("unclear", "ambiguous_number"),
    ]


def test_the_most_frequent_of_many_wrong_values_are_shown_and_none_at_length(
    engine: Engine,
) -> None:
    wrong = ["x" * 500] * 3 + [f"no {n}" for n in range(9)]

    with pytest.raises(FrameError) as raised:
        read_numbers(engine(texts(*wrong)), "n")

    message = counts_only(raised.value.problems[0].message)
    assert message.startswith(f"these are not numbers: '{'x' * 59}…' (3 rows), 'no 0' (1 row), ")
    assert message.endswith("'no 3' (1 row), …")


def test_a_column_of_very_many_texts_is_refused_without_looking_at_each_shape() -> None:
    frame = texts(*(f"{chr(65 + n % 26)}{chr(97 + n // 26 % 26)}{n // 676} 5" for n in range(3000)))

    with pytest.raises(FrameError, match=r"these are not numbers: .*, …; correct them"):
        read_numbers(frame, "n")


def test_what_is_no_frame_and_no_column_of_numbers_is_refused() -> None:
    with pytest.raises(FrameError, match="cannot be read as a data frame"):
        read_numbers([1], "n")
    with pytest.raises(ArgumentError, match="columns: must be the name of a column, not an int"):
        read_numbers(texts("1"), 3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="decimal: must be a decimal mark, not an int"):
        read_numbers(texts("1"), "n", decimal=3)  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="holds no numbers"):
        read_numbers(pd.DataFrame({"n": [object(), 3]}), "n")


# ------------------------------------------------------------------------------------------ laws

_CURRENCIES: Final = ("", "$", "€", "Rs", "Rs.", "EUR")
_UNITS: Final = {"": 0, "k": 3, "m": 6, "M": 6, "万": 4, "百万": 6}
_BEFORE: Final = re.compile(r"(?P<a>[-+(]?) *(?P<currency>[^-+()\s]*) *(?P<b>[-+(]?) *")


def slowly(text: str, mark: str) -> tuple[Decimal, str, bool] | None:
    """What one text says, read step by step: its number, currency, and whether it is a share."""
    text = normalize("NFKC", text).translate(str.maketrans("−’", "-'")).strip()
    numbers = list(re.finditer(r"\d(?:[\d., ']*\d)?", text))
    power = 0
    if len(numbers) == 2 and re.fullmatch("[eE][-+]?", text[numbers[0].end() : numbers[1].start()]):
        sign = -1 if "-" in text[numbers[0].end() : numbers[1].start()] else 1
        if len(numbers[1][0]) > 2 or not numbers[1][0].isdigit():
            return None
        power, scientific, end = sign * int(numbers[1][0]), True, numbers[1].end()
    elif len(numbers) == 1:
        scientific, end = False, numbers[0].end()
    else:
        return None
    digits, before, after = numbers[0][0], text[: numbers[0].start()], text[end:]
    if before[-1:] in {".", ","} and not before[-2:-1].isalpha():
        if before[-1] != mark or not digits.isdigit():
            return None
        digits, before = f"0{mark}{digits}", before[:-1]
    value = _number(digits, mark)
    around = _around(before.strip(), after.strip())
    if value is None or around is None:
        return None
    negative, currencies, unit, percent = around
    named = [code for code in currencies if code]
    if scientific and (named or unit or percent):
        return None
    codes = {{"€": "EUR", "Rs.": "Rs"}.get(name, name) for name in named}
    if len(codes) > 1:
        return None  # no two of this law go together
    power += -2 if percent else _UNITS[unit]
    number = value.scaleb(power)
    return (-number if negative else number), "".join(codes), percent


def _number(digits: str, mark: str) -> Decimal | None:
    whole, found, decimals = digits.partition(mark)
    if found and not decimals.isdigit():
        return None
    if not whole.isdigit():
        (sign, *others) = {sign for sign in whole if not sign.isdigit()}
        first, *rest = whole.split(sign)
        if others or sign == mark or first.startswith("0") or not first:
            return None
        thousands = len(first) <= 3 and all(len(group) == 3 for group in rest)
        *middle, last = rest
        indian = sign == "," and len(first) <= 2 and len(last) == 3 and middle != []
        indian = indian and all(len(group) == 2 for group in middle)
        if not (thousands or indian):
            return None
        whole = whole.replace(sign, "")
    return Decimal(f"{whole}.{decimals or 0}")


def _around(before: str, after: str) -> tuple[bool, list[str], str, bool] | None:
    """Whether a number is negative, and its currencies, its unit, and whether it is a share."""
    marks = []
    if "(" in before and ")" in after:
        for start in (True, False):
            if before.startswith("(") if start else before.endswith("("):
                before = before[1:] if start else before[:-1]
                break
        if after.startswith(")"):
            after = after[1:]
        elif after.endswith(")"):
            after = after[:-1]
        marks.append("-")
    for sign in "-+":
        if before.startswith(sign):
            before = before[1:]
            marks.append(sign)
        elif before.endswith(sign):
            before = before[:-1]
            marks.append(sign)
    if after.endswith("-"):
        after = after[:-1]
        marks.append("-")
    elif after.startswith("- "):
        after = after[1:]
        marks.append("-")
    before, after = before.strip(), after.strip()
    if len(marks) > 1 or before not in _CURRENCIES:
        return None
    if after == "%":
        return None if before else (marks == ["-"], [], "", True)
    for unit in sorted(_UNITS, key=len, reverse=True):
        if after.startswith(unit) and after[len(unit) :].strip() in _CURRENCIES:
            return marks == ["-"], [before, after[len(unit) :].strip()], unit, False
    return None


_SOME: Final = st.text("0123456789.,' ()-+$€k%eE万", min_size=1, max_size=7)
_LIKELY: Final = st.builds(
    lambda before, digits, after: f"{before}{digits}{after}",
    st.sampled_from(["", "-", "+", "(", "$", "-$", "$-", "($", "€ ", "Rs.", "Rs ", "EUR ", "- "]),
    st.from_regex(r"[0-9]{1,4}(?:[., '][0-9]{2,3}){0,3}(?:[.,][0-9]{1,3})?", fullmatch=True)
    | st.from_regex(r"[.,]?[0-9]{1,3}(?:[.,][0-9]{1,2})?(?:[eE][-+]?[0-9]{1,2})?", fullmatch=True),
    st.sampled_from(["", "%", " %", "k", "m", " 万", "百万", ")", "%)", "k)", "-", " €", "k€"]),
)


@given(
    found=st.lists(_LIKELY | _SOME, min_size=1, max_size=9),
    mark=st.sampled_from([".", ","]),
    name=st.sampled_from(sorted(ENGINES)),
)
def test_every_engine_reads_what_one_text_after_the_other_says(
    found: list[str], mark: str, name: str
) -> None:
    """A column is what its texts are; and what none of them is, no column is, or is put aside."""
    read = {text: slowly(text, mark) for text in found if text.strip()}
    bad = [text for text, one in read.items() if one is None]
    for percent in (True, False):
        good = {text: one for text, one in read.items() if one and one[2] is percent}
        frame = read_numbers(
            ENGINES[name](texts(*good)), "n", decimal=mark, currency_column="currency"
        )
        assert held(frame) == [float(number) for number, _, _ in good.values()]
        assert held(frame, "currency") == [code or None for _, code, _ in good.values()]
        both = read_numbers(
            ENGINES[name](texts(*good, *bad)),
            "n",
            decimal=mark,
            currency_column="currency",
            unread_column="unread",
        )
        assert held(both) == [*held(frame), *[None] * len(bad)]
        assert held(both, "unread") == [*[None] * len(good), *(text.strip() for text in bad)]
    for text in (text for text, one in read.items() if one is None):
        with pytest.raises(FrameError, match="these are not numbers"):
            read_numbers(texts(text), "n", decimal=mark)
    if bad:
        with pytest.raises(FrameError, match="these are not numbers"):
            read_numbers(ENGINES[name](texts(*bad)), "n", decimal=mark)


@given(found=st.lists(_LIKELY, min_size=1, max_size=3), name=st.sampled_from(["polars", "duckdb"]))
def test_unsaid_a_column_is_read_with_the_one_mark_that_fits_it(
    found: list[str], name: str
) -> None:
    """It is refused as unclear where both fit and say something else, and only there."""
    ways = [[slowly(text, mark) for text in found] for mark in ".,"]
    fitting = [way for way in ways if None not in way]
    if any(one and one[2] for way in ways for one in way):
        return  # shares among others are refused for what they are
    frame = ENGINES[name](texts(*found))

    def read() -> Any:
        return held(read_numbers(frame, "n", currency_column="currency"))

    if not fitting:
        with pytest.raises(FrameError, match="not"):
            read()
    elif len(fitting) == 2 and fitting[0] != fitting[1]:
        with pytest.raises(FrameError, match="numbers in two ways"):
            read()
    else:
        assert read() == [float(one[0]) for one in fitting[0] if one]


def test_no_unit_and_currency_together_look_like_another_currency() -> None:
    """So that `5kRWF` are thousands of one, and not some of another."""
    for unit in POWERS:
        for name in ("$", "€", "USD", "EUR", "RWF", "MAD", "元", "kr"):
            one = number_shape(shape_of(f"5{unit}{name}"))
            assert currency_of(f"{unit}{name}") or (one is not None and one.power == POWERS[unit])
