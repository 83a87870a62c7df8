"""What a sum of deals may come to, each of which is won with a chance of its own."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from math import fsum, sqrt
from operator import itemgetter
from typing import Final, NamedTuple

from salesflow._arguments import Arguments, instance
from salesflow.errors import UnknownName
from salesflow.pipeline._backtest.report import Backtest, QuestionLift
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.pipeline._forecast.convolution import (
    MOST_SUMS,
    Shape,
    Steps,
    Whole,
    on_a_grid,
)
from salesflow.pipeline._forecast.effects import DealEffect, QuestionWorth
from salesflow.pipeline._forecast.open_deals import (
    MOST,
    OpenDeal,
    Rest,
    read_deal,
    read_number,
    read_questions,
    read_rest,
)
from salesflow.pipeline._wording import amount_of

LARGEST: Final = 200
"""So many deals are added up one by one; what is smaller is one normal together."""

TOP: Final = 10
"""So many of them are kept apart, so that what each of them does can be told."""

_BACKTEST: Final = "make one with backtest(…)"
_ROUNDING: Final = 1e-12  # of a probability
_ULPS: Final = 1e-14  # of a sum


class SumDistribution:
    """What the sum of independent deals may come to, each won with a chance of its own.

    The ten largest deals are taken in every combination. The others are added exactly, too, while
    there are at most 4,096 different sums: always up to 12 deals, and for more where amounts are
    alike. Else each is added on a grid of equal steps h; an amount between two of its points is
    divided between them so that its mean stays what it is. h is the sum of these amounts by the
    number of points, at most 8,192 and fewer for more deals, so that the work is bounded. Deals
    beyond the 200 largest are one normal of their mean and variance.

    How far off it may be: while it is exact, by rounding only. On a grid the sum is moved by
    something of mean 0 and of a standard deviation of at most h/2 x the square root of the sum of
    the chances; the normal of the rest, where there is one, is made narrower by as much. That
    normal changes no probability by more than 0.56 x the largest amount of the rest / its standard
    deviation (Berry and Esseen), and by far less where the larger deals spread wider than it.
    `mean` and `deviation` are exact always. Nothing is drawn by lot: the same deals have the same
    answer, in whatever order they come.

    Attributes:
        deals: How many deals it is the sum of.
        mean: The sum of amount x chance.
        deviation: The standard deviation.
        top: The ten largest of which nobody knows whether they are won, the largest first.

    Example:
        >>> coming = sum_of([("D-1", 100.0, 0.5), ("D-2", 40.0, 0.25)])
        >>> coming.mean, coming.quantile(0.5), coming.share_at_least(100)
        (60.0, 40.0, 0.5)
    """

    def __init__(self, top: tuple[OpenDeal, ...], sure: float, others: _Others) -> None:
        self.top = top
        self.deals = others.deals + len(top)
        self.mean = fsum([sure, others.mean, *(deal.mean for deal in top)])
        self.deviation = sqrt(fsum([others.variance, *(deal.variance for deal in top)]))
        self._sure = sure
        self._others = others
        whole, shape = others.whole, others.shape
        apart = None
        if others.sums is not None:
            together = whole.added(top, others.sums, MOST_SUMS)
            if together is not None:
                shape, apart = whole.steps(together), {0: 1.0}
        if apart is None:
            apart = whole.added(top, None, 1 << len(top)) or {}
        self._shape: Shape = shape
        found = sorted(apart.items())
        self._starts = [sure + total / whole.unit for total, _ in found]
        self._masses = [mass for _, mass in found]
        self._passed = list(accumulate(self._masses, initial=0.0))
        self._ends = self._starts[0] + shape.least, self._starts[-1] + shape.most

    @cached_property
    def interval(self) -> Interval:
        """P10, P50, P90 and the mean."""
        p10, p50, p90 = map(self.quantile, (0.1, 0.5, 0.9))
        return Interval(p10=p10, p50=p50, p90=p90, mean=self.mean)

    def largest(self) -> tuple[DealEffect, ...]:
        """What each of the ten largest deals does, the largest first.

        Example:
            >>> (first, _) = sum_of([("D-1", 100.0, 0.5), ("D-2", 40.0, 0.25)]).largest()
            >>> first.key, first.if_won.p10, first.if_not_won.p90
            ('D-1', 100.0, 40.0)
        """
        effects = []
        for at, deal in enumerate(self.top):
            lost = self._changed(at, 0.0).interval
            effects.append(
                DealEffect(
                    key=deal.key,
                    amount=deal.amount,
                    chance=deal.chance,
                    if_won=lost.moved(deal.amount),
                    if_not_won=lost,
                )
            )
        return tuple(effects)

    def questions(
        self, open_questions: Iterable[tuple[object, str]], backtest: Backtest
    ) -> tuple[QuestionWorth, ...]:
        """What the answer to each open question about one of the ten largest deals is worth.

        Args:
            open_questions: Key of the deal and key of the question, as in `backtest.questions`.
                Those about other deals are left out, and so are questions of which the backtest
                does not know both how it went at yes and how at no, or knows only lost deals.
            backtest: What the answers went with, on deals of the past.

        Returns:
            The question that narrows the interval most comes first.
        """
        known = instance(backtest, Backtest, "backtest", _BACKTEST)
        found = [
            self._worth(at, known.questions[question])
            for key, question in read_questions(open_questions)
            for at, deal in enumerate(self.top)
            if deal.key == key and question in known.questions
        ]
        worth = [it for it in found if it is not None]
        return tuple(sorted(worth, key=lambda it: (-it.narrows, str(it.key), it.question)))

    def _worth(self, at: int, asked: QuestionLift) -> QuestionWorth | None:
        deal, won = self.top[at], asked.yes.won + asked.no.won
        if not asked.yes.deals or not asked.no.deals or not won:
            return None
        answered = asked.yes.deals + asked.no.deals
        share = asked.yes.deals / answered
        yes, no = (
            deal.chance * (part.won / part.deals) / (won / answered)
            for part in (asked.yes, asked.no)
        )
        if yes > 1:
            yes, no = 1.0, max(0.0, (deal.chance - share) / (1 - share))
        elif no > 1:
            yes, no = max(0.0, (deal.chance - (1 - share)) / share), 1.0
        widths = [self._changed(at, chance).interval.width for chance in (yes, no)]
        width = share * widths[0] + (1 - share) * widths[1]
        return QuestionWorth(
            key=deal.key,
            question=asked.key,
            title=asked.title,
            share_yes=share,
            chance_if_yes=yes,
            chance_if_no=no,
            width=width,
            narrows=self.interval.width - width,
        )

    def share_at_least(self, amount: float) -> float:
        """The probability that an amount or more comes in, 0 to 1.

        Raises:
            ArgumentError: It is no finite number.
        """
        given = Arguments()
        number = read_number(given, "amount", amount, least=-MOST)
        given.refuse("No probability can be told.")
        if number <= self._sure:
            return 1.0
        amount = number * (1 - _ULPS)
        passed, *within = self._within(amount)
        return min(1.0, max(0.0, 1.0 - (passed + self._shape.below(amount, *within))))

    def quantile(self, probability: float) -> float:
        """The least sum that is not exceeded with a probability, such as 0.1 for P10.

        Raises:
            ArgumentError: It is not between 0 and 1.
        """
        given = Arguments()
        share = read_number(given, "probability", probability, most=1)
        given.refuse("No quantile can be told.")
        return max(self._sure, self._quantile(share - _ROUNDING))

    def _quantile(self, share: float) -> float:
        low, high = self._ends
        shape = self._shape
        if isinstance(shape, Steps) and len(self._starts) == 1:
            at = bisect_left(shape.upto, share, 1) - 1
            return self._starts[0] + shape.values[min(at, len(shape.values) - 1)]
        before, after = self._at_most(low), 1.0
        if share <= before:
            return low
        # Until a straight line is as good as the distribution, or what is left is one point.
        while high - low > max(shape.width / 8, _ULPS * high):
            middle = (low + high) / 2
            passed = self._at_most(middle)
            if passed < share:
                low, before = middle, passed
            else:
                high, after = middle, passed
        if isinstance(shape, Steps):
            return max(
                start + shape.values[max(0, bisect_right(shape.values, reach) - 1)]
                for start in self._starts
                if (reach := high * (1 + _ULPS) - start) >= shape.least
            )
        return low + (high - low) * (share - before) / (after - before)

    def _at_most(self, amount: float) -> float:
        """The probability that no more than an amount comes in."""
        amount *= 1 + _ULPS
        passed, *within = self._within(amount)
        return passed + self._shape.at_most(amount, *within)

    def _within(self, amount: float) -> tuple[float, Sequence[float], Sequence[float]]:
        """The combinations of the top that the others may or may not bring to an amount.

        They come with their masses, after the mass of those that stay below it whatever comes.
        """
        first = bisect_left(self._starts, amount - self._shape.most)
        last = bisect_right(self._starts, amount - self._shape.least)
        return self._passed[first], self._starts[first:last], self._masses[first:last]

    def given(self, key: object, chance: float) -> SumDistribution:
        """The sum if one of the top deals had another chance: 1 if it is won, 0 if it is not.

        Raises:
            ArgumentError: The chance is not between 0 and 1.
            UnknownName: It is none of the top deals.
        """
        problems = Arguments()
        share = read_number(problems, "chance", chance, most=1)
        problems.refuse("No sum can be told.")
        for at, deal in enumerate(self.top):
            if deal.key == key:
                return self._changed(at, share)
        raise UnknownName("deal", key, [str(deal.key) for deal in self.top])

    def _changed(self, at: int, chance: float) -> SumDistribution:
        changed = self.top[at]._replace(chance=chance)
        return _summed((*self.top[:at], changed, *self.top[at + 1 :]), self._sure, self._others)

    def __repr__(self) -> str:
        it, deals = self.interval, amount_of(self.deals, "deal")
        told = f"P10 {it.p10:,.0f}, P50 {it.p50:,.0f}, P90 {it.p90:,.0f}, mean {it.mean:,.0f}"
        return f"<SumDistribution of {deals}: {told}>"


class _Others(NamedTuple):
    """The deals that are not told apart.

    Attributes:
        deals: How many, those that are sure among them.
        mean: Of their sum, without what is sure.
        variance: Of their sum.
        whole: In what unit all amounts that are known are whole.
        sums: Every sum of theirs with its probability, while that is few.
        shape: The distribution of their sum.
    """

    deals: int
    mean: float
    variance: float
    whole: Whole
    sums: dict[int, float] | None
    shape: Shape


def sum_of(
    largest: Iterable[tuple[object, float | Decimal, float | Decimal]],
    rest: tuple[int, float, float] = Rest(),
    *,
    sure: float = 0.0,
) -> SumDistribution:
    """What deals bring together, each won with a chance of its own and independent of the others.

    Args:
        largest: Key, amount and chance of each deal, or of the largest ones.
        rest: Of those that are not among them: how many they are, the sum of amount x chance, and
            that of amount² x chance x (1 - chance).
        sure: What has come in already; no less comes in.

    Raises:
        ArgumentError: An amount is no number from 0 to 1e100, or a chance is none from 0 to 1;
            `problems` lists all that is wrong.

    Example:
        >>> coming = sum_of([("D-1", 100.0, 0.5)], Rest(1000, 500.0, 400.0), sure=50)
        >>> coming.deals, coming.mean, round(coming.quantile(0.1)), round(coming.quantile(0.9))
        (1001, 600.0, 533, 667)
    """
    given = Arguments()
    deals = [read_deal(given, at, deal) for at, deal in enumerate(largest)]
    known = read_number(given, "sure", sure)
    others = read_rest(given, rest)
    given.refuse("The deals cannot be added up.")
    return _parted(deals, others, known)


def _parted(deals: list[tuple[object, float, float]], rest: Rest, sure: float) -> SumDistribution:
    """The deals by what is done with each: sure, without a chance, told apart, one by one."""
    came = fsum([sure, *[amount for _, amount, chance in deals if chance == 1]])
    open_ = [deal for deal in deals if 0 < deal[2] < 1 and deal[1] > 0]
    # By one number after the other: that is faster than by pairs of them.
    open_.sort(key=itemgetter(2))
    open_.sort(key=itemgetter(1))
    small = open_[:-LARGEST]
    if small:
        rest = Rest(
            rest.deals + len(small),
            fsum([rest.mean, *[amount * chance for _, amount, chance in small]]),
            fsum([rest.variance, *[a * a * chance * (1 - chance) for _, a, chance in small]]),
        )
    near = [OpenDeal(*deal) for deal in open_[-LARGEST:]]
    # Of deals that are the same but for their key, the key decides, not the order they come in.
    by_size = itemgetter(1, 2)
    edge = bisect_left(open_, by_size(near[-TOP]), key=by_size) if len(near) > TOP else 0
    likely = [OpenDeal(*deal) for deal in open_[edge:]]
    likely.sort(key=lambda deal: (-deal.amount, -deal.chance, str(deal.key)))
    top, others = tuple(likely[:TOP]), near[:-TOP]
    whole = Whole.of(near)
    sums = None if rest.mean or rest.variance else whole.added(others, None, MOST_SUMS)
    shape = on_a_grid(others, rest) if sums is None else whole.steps(sums)
    return _summed(
        top,
        came,
        _Others(
            len(deals) + rest.deals - len(small) - len(top),
            fsum([rest.mean, *(deal.mean for deal in others)]),
            fsum([rest.variance, *(deal.variance for deal in others)]),
            whole,
            sums,
            shape,
        ),
    )


def _summed(top: tuple[OpenDeal, ...], sure: float, others: _Others) -> SumDistribution:
    """The sum, where of a deal of the top it may have become sure whether it is won."""
    won = [deal.amount for deal in top if deal.chance == 1]
    apart = tuple(deal for deal in top if 0 < deal.chance < 1)
    others = others._replace(deals=others.deals + len(top) - len(apart))
    return SumDistribution(apart, fsum([sure, *won]), others)
