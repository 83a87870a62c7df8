"""What every document does before it writes: look at what it was given."""

from __future__ import annotations

from datetime import date
from typing import Final

from salesflow.documents._markdown import Md
from salesflow.documents._status import InstrumentPlan, PlanStatus
from salesflow.documents._writer import Writer
from salesflow.errors import FactError
from salesflow.facts import FACT_TITLES
from salesflow.rules import Verdict
from salesflow.rules._values import day_of
from salesflow.text import Text

READ: Final = "Make one, or read it: {}.model_validate_json(…)."
"""How to come by a record."""

_ANSWERS: Final = {Verdict.YES: True, Verdict.NO: False, Verdict.UNKNOWN: None}


def the_day(today: date | None, tz: str) -> date | None:
    """The calendar day of a document.

    Raises:
        FactError: It is no day, or a moment without its zone.
    """
    try:
        return day_of(today, tz)
    except FactError as error:
        message = error.message.replace("as_of", "today")
        raise FactError(message, hint=error.hint.replace("as_of", "today")) from None


def write_status(doc: Writer, status: PlanStatus) -> None:
    """Which instruments the deal needs, and whether they are complete."""
    doc.table(
        [
            doc.t("Instrument", "计划文件"),
            doc.t("This deal needs it", "本项目是否需要"),
            doc.t("It is complete", "是否完整"),
        ],
        (
            [
                doc.of(each.instrument.title),
                _needed(doc, each),
                _verdict(doc, each.complete),
            ]
            for each in status.instruments
            if each.required is not Verdict.NO
        ),
    )


def _verdict(doc: Writer, verdict: Verdict) -> Md:
    return doc.say(_ANSWERS[verdict])


def _needed(doc: Writer, instrument: InstrumentPlan) -> Md:
    found = _verdict(doc, instrument.required)
    if not instrument.depends_on:
        return found
    titles = (doc.of(FACT_TITLES.get(name) or Text(en=name)) for name in instrument.depends_on)
    return doc.pair(found, Md(doc.t(", ", "、").join(titles)))
