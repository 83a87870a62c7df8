"""What is stored: one row per deal, and one row per event that ever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

import salesflow as sf

TABLES: Final = sa.MetaData()
DEALS: Final = sa.Table(
    "deals",
    TABLES,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("record", sa.Text, nullable=False),
)
EVENTS: Final = sa.Table(
    "events",
    TABLES,
    # Of two decisions on the same version of a deal, this key lets only one in.
    sa.Column("deal", sa.ForeignKey("deals.id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("line", sa.Text, nullable=False),
)


class Taken(Exception):
    """Somebody else was faster. Nothing was written."""


class Store:
    """Deals and events in a database.

    Nothing is locked between loading and appending, and no transaction stays open while somebody
    decides: whoever appends second has lost, learns so, and decides again.
    """

    def __init__(self, url: str) -> None:
        # SQLite has one writer at a time; the others wait this many seconds for their turn.
        waiting = {"timeout": 15} if url.startswith("sqlite") else {}
        self.database = sa.create_engine(url, connect_args=waiting)
        with self.database.begin() as connection:
            for table in TABLES.sorted_tables:
                connection.execute(sa.schema.CreateTable(table, if_not_exists=True))

    def create(self, deal: sf.Opportunity) -> None:
        """Store a new deal; raises Taken."""
        row = {"id": deal.id, "version": 0, "record": deal.model_dump_json()}
        try:
            with self.database.begin() as connection:
                connection.execute(sa.insert(DEALS), row)
        except IntegrityError as error:
            raise Taken from error

    def load(self, deal_id: str) -> sf.Opportunity | None:
        """The deal as it is now."""
        with self.database.connect() as connection:
            record = connection.scalar(sa.select(DEALS.c.record).where(DEALS.c.id == deal_id))
        return None if record is None else sf.Opportunity.model_validate_json(record)

    def append(self, deal: sf.Opportunity, events: Iterable[sf.Event]) -> None:
        """Store what happened, and the deal after it, both or nothing; raises Taken."""
        rows = [
            {"deal": deal.id, "sequence": event.sequence, "line": event.model_dump_json()}
            for event in events
        ]
        version = deal.progress.version
        advance = (
            sa.update(DEALS)
            .where(DEALS.c.id == deal.id, DEALS.c.version == version - len(rows))
            .values(version=version, record=deal.model_dump_json())
        )
        try:
            with self.database.begin() as connection:
                # The events come first: SQLite then takes its write lock at the start, where it
                # can wait. Reading first and writing later is how "database is locked" happens.
                connection.execute(sa.insert(EVENTS), rows)
                if connection.execute(advance).rowcount != 1:
                    raise Taken
        except IntegrityError as error:
            raise Taken from error

    def lines(self, deal_id: str, after: int) -> Iterable[str]:
        """The events of a deal after one of them, each as its line of JSON."""
        wanted = sa.select(EVENTS.c.line).where(EVENTS.c.deal == deal_id, EVENTS.c.sequence > after)
        with self.database.connect() as connection:
            return connection.scalars(wanted.order_by(EVENTS.c.sequence)).all()
