"""Duties that follow from a hold: by the day that was given for it, it is reviewed."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from typing import Final

from salesflow._result import keeping
from salesflow.domain import Judgement, OnHold
from salesflow.playbook import Cadence, Criterion, Playbook, Stage
from salesflow.schedule._duty import Duty, status_on
from salesflow.text import Text, both, filled

HOLD_REVIEW: Final = "hold.review"
"""The key of the duty to review a deal that is on hold; no cadence can be called so."""

_DEAL: Final = both(en="Review the hold, until: {until}", zh="复核暂缓的项目，等待：{until}")
_DECISION: Final = both(
    en="Review what is held, {title}, until: {until}", zh="复核暂缓的“{title}”，等待：{until}"
)


def hold_review(playbook: Playbook, hold: OnHold, today: date, zone: tzinfo) -> Duty:
    """The review of a deal that is on hold."""
    title = filled(_DEAL, until=hold.resume_when)
    return _review(playbook, HOLD_REVIEW, title, None, hold.at, hold.review_on, today, zone)


def held_decision(
    playbook: Playbook, about: Criterion | Stage, word: Judgement, today: date, zone: tzinfo
) -> Duty | None:
    """The review of a criterion, or of a stage as a whole, that a role held; None for other words.

    Nor is there one where no day was given for it.
    """
    if word.verdict != "hold" or word.review_on is None:
        return None
    title = filled(_DECISION, title=about.title, until=word.resume_when or "…")
    key = f"hold.{about.key}.{word.role}"
    return _review(playbook, key, title, word.role, word.at, word.review_on, today, zone)


def _review(
    playbook: Playbook,
    key: str,
    title: Text,
    role: str | None,
    since: datetime,
    day: date,
    today: date,
    zone: tzinfo,
) -> Duty:
    return keeping(
        Duty(
            key=key,
            due_on=day,
            status=status_on(day, today),
            since=since.astimezone(zone),
            due_at=datetime.combine(day, time(), zone),
            place=None,
            moved_from=None,
            moved_by=None,
            cadence=Cadence(key=key, title=title, role=role, trigger="held"),
        ),
        _playbook=playbook,
    )
