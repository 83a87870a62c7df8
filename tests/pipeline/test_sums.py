"""The distribution of a sum of deals: against every outcome, against a simulation, and its laws."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import product
from math import comb, inf, nan, sqrt
from random import Random
from statistics import NormalDist

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salesflow as sf
from salesflow.errors import ArgumentError, UnknownName
from salesflow.pipeline import Backtest, Interval, Rest, SumDistribution, sum_of
from salesflow.pipeline._backtest.stats import sliced, summed
from salesflow.pipeline._forecast.convolution import MOST_WORK, Slopes, Steps, on_a_grid
from salesflow.pipeline._forecast.open_deals import OpenDeal
from tests.pipeline.work_done import calls_counted

Deal = tuple[object, float, float]

AMOUNTS = st.one_of(
    st.sampled_from([0.0, 0.1, 0.2, 0.3, 1.0, 100.0, 100.0, 1e-7, 1e12, 1e-300, 1e90]),
    st.integers(0, 10**6).map(float),
    st.floats(0, 1e6).map(lambda value: round(value, 2)),
)
CHANCES = st.one_of(st.sampled_from([0.0, 1.0, 0.5, 0.1, 1e-9]), st.floats(0, 1))
PAIRS = st.tuples(AMOUNTS, CHANCES)
SHARES = st.floats(0, 1)


def numbered(pairs: list[tuple[float, float]]) -> list[Deal]:
    return [(f"D-{at}", amount, chance) for at, (amount, chance) in enumerate(pairs)]


def some(count: int, seed: int = 7, spread: float = 1.2) -> list[Deal]:
    dice = Random(seed)
    return [
        (f"D-{at}", dice.lognormvariate(10, spread), dice.uniform(0.05, 0.9)) for at in range(count)
    ]


def every_outcome(deals: list[Deal]) -> dict[Fraction, Fraction]:
    """Each sum with its probability, from all 2^n ways in which the deals may end."""
    found: defaultdict[Fraction, Fraction] = defaultdict(Fraction)
    unsure = [(Fraction(repr(a)), Fraction(c)) for _, a, c in deals if 0 < c < 1]
    sure = sum((Fraction(repr(a)) for _, a, c in deals if c == 1), Fraction(0))
    for ends in product((False, True), repeat=len(unsure)):
        weight, total = Fraction(1), sure
        for won, (amount, chance) in zip(ends, unsure, strict=True):
            weight *= chance if won else 1 - chance
            total += amount if won else 0
        found[total] += weight
    return dict(found)


@given(st.lists(PAIRS, max_size=9), SHARES)
def test_of_few_deals_it_is_what_all_their_outcomes_say(
    pairs: list[tuple[float, float]], share: float
) -> None:
    deals = numbered(pairs)
    known, found = every_outcome(deals), sum_of(deals)
    reached, before = Fraction(0), Fraction(0)
    quantile = found.quantile(share)
    least_told, most_told = None, None
    for total in sorted(known):
        before, reached = reached, reached + known[total]
        if least_told is None and reached >= share - Fraction(1, 10**11):
            least_told = float(total)
        if before <= share + Fraction(1, 10**11):
            most_told = float(total)
    assert least_told is not None
    assert most_told is not None
    assert least_told * (1 - 1e-12) <= quantile <= most_told * (1 + 1e-12)
    mean = float(sum(total * weight for total, weight in known.items()))
    assert found.mean == pytest.approx(mean, rel=1e-9, abs=0)
    square = sum(total * total * weight for total, weight in known.items())
    spread = sqrt(max(float(square - Fraction(mean) ** 2), 0.0))
    assert found.deviation == pytest.approx(spread, rel=1e-6, abs=1e-7 * mean)
    for total in list(known)[:20]:
        at_least = float(sum(weight for other, weight in known.items() if other >= total))
        near = float(total) * 1e-13  # sums so near are one number
        if all(abs(other - total) > near or other == total for other in known):
            assert found.share_at_least(float(total)) == pytest.approx(at_least, abs=1e-11)


def test_twelve_deals_without_two_equal_sums_are_exact() -> None:
    deals = [(at, float(2**at), 0.5) for at in range(12)]
    found = sum_of(deals)
    assert [found.quantile(k / 4096) for k in (1, 2, 1000, 4095)] == [0, 1, 999, 4094]
    assert found.share_at_least(4095) == pytest.approx(1 / 4096, abs=1e-15)


def test_hundreds_of_equal_deals_are_a_binomial() -> None:
    found = sum_of([(at, 250.0, 0.3) for at in range(200)])
    reached = 0.0
    for won in range(201):
        reached += comb(200, won) * 0.3**won * 0.7 ** (200 - won)
        assert 1 - found.share_at_least(250 * won + 1) == pytest.approx(reached, abs=1e-11)
    assert found.interval == Interval(p10=13_000, p50=15_000, p90=17_000, mean=15_000)


def test_ten_thousand_deals_are_where_a_long_simulation_sees_them() -> None:
    deals = some(10_000)
    amounts = np.array([amount for _, amount, _ in deals])
    chances = np.array([chance for _, _, chance in deals])
    dice = np.random.default_rng(3)
    runs = 4_000
    seen = np.concatenate([(dice.random((500, 10_000)) < chances) @ amounts for _ in range(8)])
    found = sum_of(deals)
    for share in (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
        error = sqrt(share * (1 - share) / runs)
        assert (seen <= found.quantile(share)).mean() == pytest.approx(share, abs=4 * error)
    assert seen.mean() == pytest.approx(found.mean, abs=4 * found.deviation / sqrt(runs))
    assert seen.std() == pytest.approx(found.deviation, rel=0.05)


@pytest.mark.parametrize(("count", "spread"), [(40, 0.5), (100, 1.0), (200, 1.2), (400, 1.5)])
def test_between_few_and_many_it_stays_close_to_the_exact_sum(count: int, spread: float) -> None:
    deals = [(key, float(int(a / 100) + 1), c) for key, a, c in some(count, count, spread)]
    exact = np.ones(1)
    for _, amount, chance in deals:
        added = np.zeros(len(exact) + int(amount))
        added[: len(exact)] += exact * (1 - chance)
        added[int(amount) :] += exact * chance
        exact = added
    upto = np.cumsum(exact)
    found = sum_of(deals)
    for share in (0.01, 0.1, 0.5, 0.9, 0.99):
        assert upto[int(found.quantile(share))] == pytest.approx(share, abs=0.003)
        at = int(np.searchsorted(upto, share))
        assert found.share_at_least(at) == pytest.approx(1 - share, abs=0.003)


def mean_of(shape: Steps | Slopes) -> float:
    weights = np.diff(shape.upto)
    if isinstance(shape, Steps):
        return float(weights @ np.array(shape.values))
    middles = shape.least + (np.arange(len(weights)) + 0.5) * shape.width
    return float(weights @ middles)


@given(
    st.lists(st.tuples(st.floats(1, 1e6), st.floats(0.01, 0.99)), min_size=1, max_size=30),
    st.sampled_from([0.0, 1e-3, 0.1, 3.0]),
)
def test_a_grid_keeps_the_mean(pairs: list[tuple[float, float]], wide: float) -> None:
    deals = sorted(OpenDeal(at, *pair) for at, pair in enumerate(pairs))
    deals.sort(key=lambda deal: deal.amount)
    mean = sum(deal.mean for deal in deals)
    rest = Rest(1000, 3 * mean, (wide * mean) ** 2)
    assert mean_of(on_a_grid(deals, rest)) == pytest.approx(4 * mean, rel=1e-9)


def test_what_a_grid_adds_to_the_variance_is_taken_from_the_rest() -> None:
    deals = sorted((OpenDeal(*deal) for deal in some(190)), key=lambda deal: deal.amount)
    own = sum(deal.variance for deal in deals)
    shape = on_a_grid(deals, Rest(5_000, 1e8, 2 * own))
    assert isinstance(shape, Slopes)
    weights = np.diff(shape.upto)
    middles = shape.least + (np.arange(len(weights)) + 0.5) * shape.width
    variance = weights @ (middles - mean_of(shape)) ** 2 + shape.width**2 / 12
    assert variance == pytest.approx(3 * own, rel=1e-6)


@given(st.lists(PAIRS, max_size=40), st.lists(SHARES, min_size=2, max_size=6), st.booleans())
def test_quantiles_rise_and_agree_with_the_shares(
    pairs: list[tuple[float, float]], shares: list[float], more: bool
) -> None:
    found = sum_of(numbered(pairs), Rest(100, 5e4, 1e8) if more else Rest())
    shares.sort()
    quantiles = [found.quantile(share) for share in shares]
    assert quantiles == sorted(quantiles)
    assert all(value >= 0 for value in quantiles)
    for share, value in zip(shares, quantiles, strict=True):
        assert found.share_at_least(value) >= 1 - share - 1e-3
    passed = [found.share_at_least(value) for value in quantiles]
    assert passed == sorted(passed, reverse=True)


@given(st.lists(PAIRS, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_deals_means_nothing(pairs: list[tuple[float, float]], dice: Random) -> None:
    deals = numbered(pairs)
    mixed = deals.copy()
    dice.shuffle(mixed)
    one, other = sum_of(deals), sum_of(mixed)
    assert one.interval == other.interval
    assert one.top == other.top
    assert (one.mean, one.deviation) == (other.mean, other.deviation)


def test_the_order_of_deals_means_nothing_where_hundreds_are_alike() -> None:
    deals = [(f"D-{at}", 100.0, 0.2 if at % 2 else 0.4) for at in range(600)]
    one, other = sum_of(deals), sum_of(deals[::-1])
    assert one.interval == other.interval
    assert one.top == other.top


def test_a_deal_that_is_sure_is_in_every_sum_and_one_without_a_chance_in_none() -> None:
    found = sum_of([("won", 70.0, 1.0), ("never", 500.0, 0.0), ("may", 30.0, 0.5)], sure=5)
    assert found.deals == 3
    assert (found.quantile(0.0), found.quantile(1.0)) == (75.0, 105.0)
    assert found.share_at_least(75) == 1
    assert found.share_at_least(-10) == 1
    assert [deal.key for deal in found.top] == ["may"]


def test_one_huge_deal_does_not_hide_the_small_ones() -> None:
    small = some(300, spread=0.3)
    alone, beside = sum_of(small), sum_of([*small, ("whale", 1e13, 0.05)])
    for share in (0.1, 0.5, 0.9):
        assert beside.quantile(share * 0.95) == pytest.approx(alone.quantile(share), rel=1e-3)
    assert beside.quantile(0.975) == pytest.approx(1e13 + alone.quantile(0.5), rel=1e-12)
    assert beside.share_at_least(1e13) == pytest.approx(0.05, abs=1e-9)


def test_tiny_deals_keep_their_shape_beside_each_other() -> None:
    tiny = [(key, amount * 1e-200, chance) for key, amount, chance in some(50)]
    large = sum_of(some(50)).interval
    found = sum_of(tiny).interval
    assert found.p50 == pytest.approx(large.p50 * 1e-200, rel=2e-3)


def test_no_deal_brings_nothing() -> None:
    found = sum_of([])
    assert found.interval == Interval(p10=0, p50=0, p90=0, mean=0)
    assert found.deals == 0
    assert found.largest() == ()
    assert found.share_at_least(0) == 1
    assert found.share_at_least(0.01) == 0


def test_a_rest_alone_is_a_normal() -> None:
    found = sum_of([], Rest(1_000, 1e6, 1e8))
    for share in (0.1, 0.5, 0.9):
        assert found.quantile(share) == pytest.approx(NormalDist(1e6, 1e4).inv_cdf(share), rel=1e-5)


def test_no_sum_is_less_than_what_is_sure_though_a_normal_knows_no_bounds() -> None:
    assert sum_of([], Rest(3, 10.0, 1e4), sure=50).quantile(0.01) == 50


@pytest.mark.parametrize("amount", [-1.0, nan, inf, 1e101, Decimal("sNaN"), True, "5"])
def test_an_amount_that_is_none_is_refused(amount: float) -> None:
    with pytest.raises(ArgumentError, match=r"largest\[1\]\.amount: must be a number"):
        sum_of([("D-1", 5.0, 0.5), ("D-2", amount, 0.5)])
    with pytest.raises(ArgumentError, match="amount: must be a number"):
        sum_of([("D-1", 10**400, 0.5)])


@pytest.mark.parametrize("chance", [-0.01, 1.01, nan, None, "half"])
def test_a_chance_that_is_none_is_refused(chance: float) -> None:
    with pytest.raises(ArgumentError, match="chance: must be a number from 0 to 1"):
        sum_of([("D-1", 5.0, chance)])


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ArgumentError) as caught:
        sum_of([("D-1", -5, 2), ("D-2", 5)], Rest(-1, nan, -1), sure=nan)  # type: ignore[list-item]
    assert len(caught.value.problems) == 7
    with pytest.raises(ArgumentError, match="rest: must be three numbers"):
        sum_of([], (1, 2))  # type: ignore[arg-type]


@pytest.mark.parametrize("share", [-0.1, 1.1, nan, "a"])
def test_a_quantile_is_of_a_share(share: float) -> None:
    with pytest.raises(ArgumentError, match="probability: must be a number from 0 to 1"):
        sum_of([]).quantile(share)
    with pytest.raises(ArgumentError, match="amount: must be a number"):
        sum_of([]).share_at_least(nan)


def test_amounts_may_be_whole_numbers_and_decimals() -> None:
    assert sum_of([("a", 1, Decimal("0.5")), ("b", Decimal("0.2"), 1)]).quantile(0.9) == 1.2


@pytest.mark.parametrize("count", [15, 50, 200])
def test_the_points_of_the_grid_x_the_deals_are_bounded(count: int) -> None:
    deals = sorted((OpenDeal(*deal) for deal in some(count)), key=lambda deal: deal.amount)
    shape = on_a_grid(deals, Rest())
    assert isinstance(shape, Steps)
    assert len(shape.values) * count <= 1.1 * MOST_WORK


def test_ten_times_the_deals_are_at_most_ten_times_the_work() -> None:
    counted = []
    for count in (1_000, 10_000):
        deals = some(count)
        with calls_counted() as calls:
            assert sum_of(deals).interval.mean
        counted.append(calls.total())
    assert counted[1] <= 10 * counted[0]


def test_what_a_large_deal_does_is_the_sum_with_it_won_and_with_it_not_won() -> None:
    deals = some(300)
    found = sum_of(deals)
    effects = found.largest()
    assert len(effects) == 10
    assert [it.amount for it in effects] == sorted((a for _, a, _ in deals), reverse=True)[:10]
    for it in effects:
        mean = it.chance * it.if_won.mean + (1 - it.chance) * it.if_not_won.mean
        assert mean == pytest.approx(found.mean, rel=1e-12)
        assert it.if_not_won.p50 < found.interval.p50 < it.if_won.p50
        assert it.if_won.p10 == pytest.approx(found.given(it.key, 1).quantile(0.1), rel=1e-9)
        assert found.given(it.key, it.chance).interval == found.interval


@given(st.lists(PAIRS, min_size=1, max_size=8))
def test_what_a_deal_does_is_the_sum_of_the_others(pairs: list[tuple[float, float]]) -> None:
    deals = numbered(pairs)
    for it in sum_of(deals).largest():
        others = sum_of([deal for deal in deals if deal[0] != it.key]).interval
        assert it.if_not_won.mean == pytest.approx(others.mean, rel=1e-12)
        assert it.if_not_won.p90 == pytest.approx(others.p90, rel=1e-12)


def test_only_the_chance_of_a_deal_told_apart_can_be_another() -> None:
    found = sum_of(some(30))
    with pytest.raises(UnknownName, match="There is no deal 'D-99'"):
        found.given("D-99", 0.5)
    with pytest.raises(ArgumentError, match="chance"):
        found.given(found.top[0].key, 2)


PLAYBOOK = sf.Playbook.from_toml("""
id = "asked"
version = "1"
title = "Asked"
[[stages]]
key = "only"
title = "Only"
[[checklists]]
key = "list"
title = "List"
questions = [
  { key = "event", title = "Is there a compelling event?" },
  { key = "money", title = "Is there money?" },
  { key = "never", title = "Was it ever asked?" },
]
""")


def asked(event: tuple[int, int, int, int]) -> Backtest:
    """A backtest of deals with yes to the question, those of them won, and the same of no."""
    yes, yes_won, no, no_won = event
    answers = [("+", at < yes_won) for at in range(yes)] + [("-", at < no_won) for at in range(no)]
    frame = pl.DataFrame(
        {
            "id": list(range(len(answers))),
            "list.event": [answer for answer, _ in answers],
            "list.money": ["+", "-"] * (len(answers) // 2) + ["+"] * (len(answers) % 2),
            "list.never": pl.Series([None] * len(answers), dtype=pl.String),
            "outcome": ["won" if won else "lost" for _, won in answers],
        }
    )
    return sf.pipeline.backtest(frame, PLAYBOOK, card="list", outcome="outcome")


ASKED = asked((1, 1, 1, 0))


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.floats(0.01, 0.99),
)
def test_what_an_answer_is_worth_leaves_the_chance_of_the_deal_in_the_mean(
    numbers: tuple[int, int], rates: tuple[float, float], chance: float
) -> None:
    yes, no = numbers
    tallies = (yes, max(1, int(rates[0] * yes))), (no, int(rates[1] * no))
    parts = [sliced("", tally, summed(tallies), 0.95) for tally in tallies]
    lift = ASKED.questions["event"].model_copy(update={"yes": parts[0], "no": parts[1]})
    known = ASKED.model_copy(update={"questions": {"event": lift}})
    (worth,) = sum_of([("D-7", 100.0, chance)]).questions([("D-7", "event")], known)
    assert 0 <= worth.chance_if_yes <= 1
    assert 0 <= worth.chance_if_no <= 1
    mean = worth.share_yes * worth.chance_if_yes + (1 - worth.share_yes) * worth.chance_if_no
    assert mean == pytest.approx(chance, abs=1e-12)


def test_knowing_what_decides_a_large_deal_narrows_the_interval() -> None:
    found = sum_of([("D-7", 1e6, 0.5), *some(30, spread=0.2)])
    known = asked((10, 9, 10, 1))
    pairs = [("D-7", "money"), ("D-7", "event"), ("D-7", "never"), ("D-7", "?"), ("other", "event")]
    first, second = found.questions(pairs, known)
    assert (first.key, first.question) == ("D-7", "event")
    assert first.share_yes == 0.5
    assert first.chance_if_yes == pytest.approx(0.9)
    assert first.chance_if_no == pytest.approx(0.1)
    assert first.title.get("en") == "Is there a compelling event?"
    wide = found.interval.width
    by_hand = sum(found.given("D-7", share).interval.width for share in (0.9, 0.1)) / 2
    assert first.width == pytest.approx(by_hand)
    assert first.narrows == pytest.approx(wide - by_hand)
    assert first.narrows > second.narrows


def test_where_nobody_was_won_no_answer_is_worth_anything() -> None:
    assert sum_of([("D-7", 5.0, 0.5)]).questions([("D-7", "event")], asked((2, 0, 2, 0))) == ()


def test_questions_are_pairs_and_a_backtest() -> None:
    found = sum_of([("D-7", 5.0, 0.5)])
    with pytest.raises(ArgumentError, match="open_questions must be pairs"):
        found.questions(["event"], asked((1, 1, 1, 0)))  # type: ignore[list-item]
    with pytest.raises(ArgumentError, match="backtest must be a Backtest"):
        found.questions([], {})  # type: ignore[arg-type]


def test_a_distribution_says_in_a_line_what_it_is() -> None:
    assert repr(sum_of([("D-1", 100.0, 0.5)])) == (
        "<SumDistribution of 1 deal: P10 0, P50 0, P90 100, mean 50>"
    )
    assert isinstance(sum_of([]), SumDistribution)
