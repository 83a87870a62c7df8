"""A process with limits, a deal under it that is moved and put on hold, and what all rails say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

import salesflow as sf
from salesflow.pipeline import HistoryReport, check_history

HOLD: Final = sf.Hold(by="li", resume_when="the budget is there", review_on=date(2030, 1, 1))
PROCESS: Final = """
id = "stays"
version = "1"
title = "Stays"
languages = ["en"]
reasons = [{ key = "price", title = "Price", outcome = "lost" }]
[policy]
back = "on"
skip = "on"
reopen = "on"
retract = "on"
pause_on_hold = PAUSE
[[stages]]
key = "ask"
title = "Ask"
max_days = 4
[[stages]]
key = "close"
title = "Close"
max_days = 10
  [[stages.sub_stages]]
  key = "offer"
  title = "Offer"
  [[stages.sub_stages]]
  key = "sign"
  title = "Sign"
  max_days = 5
[[stages]]
key = "win"
title = "Win"
wins = true
  [[stages.sub_stages]]
  key = "order"
  title = "Order"
  max_days = 3
[[tracks]]
key = "legal"
title = "Legal"
by = "on"
back = "on"
states = [
  { key = "open", title = "Open", max_days = 6 },
  { key = "review", title = "Review", max_days = 2 },
]
"""

COLUMNS: Final[dict[str, pl.DataType]] = {
    "stage": pl.String(),
    "sub_stage": pl.String(),
    "outcome": pl.String(),
    "owner": pl.String(),
    "amount": pl.Float64(),
    "amount.currency": pl.String(),
    "probability": pl.Float64(),
    "next_step": pl.String(),
    "close_date_pushes": pl.Int64(),
    "contacts.total": pl.Int64(),
    "days_on_hold": pl.Float64(),
    "days_on_hold_in_stage": pl.Float64(),
    "days_on_hold_in_sub_stage": pl.Float64(),
    "track.legal": pl.String(),
    "track.legal.days_on_hold": pl.Float64(),
    **dict.fromkeys(
        (
            "created_on",
            "entered_stage_on",
            "entered_sub_stage_on",
            "expected_close_on",
            "closed_on",
            "last_activity_on",
            "next_step_on",
            "track.legal.entered_on",
        ),
        pl.Date(),
    ),
}
LOG: Final[dict[str, Any]] = {"case": "opportunity_id", "stage": "label", "order": "number"}


def process(*, pause: bool) -> sf.Playbook:
    return sf.Playbook.from_toml(PROCESS.replace("PAUSE", str(pause).lower()))


class Deal:
    """A deal, what happened to it, and what engine, frame and history say of it."""

    def __init__(self, book: sf.Playbook, *, tz: str = "UTC", **fields: Any) -> None:
        self.engine = sf.StageEngine(book, tz=tz)
        self.deal = sf.Opportunity(id="D-1", name="Deal", **fields)
        self.events: list[sf.Event] = []
        self.book, self.tz = book, tz

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.tz)

    def do(self, command: sf.Command, at: datetime) -> bool:
        """Whether the engine accepted it."""
        decision = self.engine.decide(self.deal, command, at=at)
        self.deal = decision.opportunity
        self.events += decision.events
        return decision.accepted

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def frame(self, at: datetime, engine: Any = lambda frame: frame) -> sf.PipelineReport[Any]:
        """The check of a frame of this one deal."""
        facts: Mapping[str, object] = sf.facts_of(self.deal, self.book, at=at, tz=self.tz)
        row = {name: facts.get(name) for name in COLUMNS}
        # The amount as the deal has it: facts have it in the playbook's currency.
        row["amount"] = None if self.deal.amount is None else float(self.deal.amount.amount)
        rows = pl.DataFrame([{"id": self.deal.id, **row}], schema={"id": pl.String(), **COLUMNS})
        return sf.check_pipeline(engine(rows), self.book, key="id", as_of=self.day(at), tz=self.tz)

    def found_in_frame(self, at: datetime) -> dict[str, tuple[str, str, str]]:
        """Severity, verdict and title of each hygiene check that is not YES, by its name."""
        report = self.frame(at)
        rows = report.findings().select("check", "severity", "verdict").rows()
        return {
            check: (severity, verdict, report.titles[check].get("en"))
            for check, severity, verdict in rows
            if check.startswith("hygiene.") and check != "hygiene.deal_age"
        }

    def found_in_review(self, at: datetime) -> dict[str, tuple[str, str, str]]:
        return {
            it.check: (it.severity, it.verdict.value, it.title.get("en"))
            for it in self.engine.review(self.deal, at=at).hygiene
        }

    def log(self) -> pl.DataFrame:
        return pl.DataFrame([row.model_dump() for row in sf.stage_history(self.events)])

    def history(self, at: datetime, engine: Any = lambda frame: frame) -> HistoryReport[Any]:
        log = engine(self.log().drop("by"))
        return check_history(log, self.book, at="at", as_of=self.day(at), tz=self.tz, **LOG)

    def too_long(
        self, at: datetime, engine: Any = lambda frame: frame
    ) -> set[tuple[str, date, float, str | None]]:
        """Of every stay that was too long: where, since which day, for how many days, and to."""
        import narwhals.stable.v2 as nw

        frame = nw.from_native(self.history(at, engine).deviations).lazy().collect()
        return {
            (
                row["from"],
                self.day(row["at"]),
                row["days"],
                row["to"] if isinstance(row["to"], str) else None,
            )
            for row in frame.rows(named=True)
            if row["kind"] == "too_long"
        }


def after(days: float, start: datetime) -> datetime:
    return start + timedelta(days=days)
