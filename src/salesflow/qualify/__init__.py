"""Qualifying a deal: marks of a checklist, scores with an interval, and what to ask next."""

from salesflow.qualify._marks import Tally, marks_of, tally
from salesflow.qualify._score import UNDECIDED, Ask, Contribution, Score, score

__all__ = ["UNDECIDED", "Ask", "Contribution", "Score", "Tally", "marks_of", "score", "tally"]
