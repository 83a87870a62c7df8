"""What each large deal does to a sum, and what an answer about one would be worth."""

from __future__ import annotations

from salesflow._result import Result
from salesflow.pipeline._forecast.amount_interval import Interval
from salesflow.text import Text


class DealEffect(Result):
    """What one deal does to the sum.

    Attributes:
        key: Of the deal.
        amount: What it brings if it is won.
        chance: That it is won.
        if_won: Where the sum lies if it is won.
        if_not_won: Where the sum lies if it is not.
    """

    key: object
    amount: float
    chance: float
    if_won: Interval
    if_not_won: Interval


class QuestionWorth(Result):
    """What it would be worth to know the answer to one question about one deal.

    The chance of the deal is multiplied by the lift of each answer among the deals of a backtest.
    The mean of both chances, weighted by how often either answer is given, is the chance that the
    deal has now: what is learned cannot be known before. Where that would take a chance above 1,
    it is 1, and the other one is what is left.

    Attributes:
        key: Of the deal.
        question: The key of the question.
        title: In words.
        share_yes: How often the answer is yes, among the deals of the backtest that have one.
        chance_if_yes: The chance of the deal if the answer is yes.
        chance_if_no: The chance of the deal if it is no.
        width: From P10 to P90 of the sum, as the mean over both answers.
        narrows: By how much that is less than it is now; below 0 where it is more, which can be
            where a deal without much of a chance would get one.
    """

    key: object
    question: str
    title: Text
    share_yes: float
    chance_if_yes: float
    chance_if_no: float
    width: float
    narrows: float
