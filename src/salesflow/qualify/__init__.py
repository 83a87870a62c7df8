"""Qualifying a deal: sheets of answers, scores with an interval, and what to ask next."""

from salesflow.qualify._answers import Tally, answer_facts, answers_of, marks_of, tally
from salesflow.qualify._next_question import Ask
from salesflow.qualify._points import UNDECIDED, interval
from salesflow.qualify._score import (
    Contribution,
    ItemGap,
    Score,
    ScoreComparison,
    SectionScore,
    score,
)
from salesflow.qualify._sheet_comparison import Difference, compare, score_sheet
from salesflow.qualify._sheets import US, AnswerSheet, check_sheet, history, sheet_of, sheets

__all__ = [
    "UNDECIDED",
    "US",
    "AnswerSheet",
    "Ask",
    "Contribution",
    "Difference",
    "ItemGap",
    "Score",
    "ScoreComparison",
    "SectionScore",
    "Tally",
    "answer_facts",
    "answers_of",
    "check_sheet",
    "compare",
    "history",
    "interval",
    "marks_of",
    "score",
    "score_sheet",
    "sheet_of",
    "sheets",
    "tally",
]
