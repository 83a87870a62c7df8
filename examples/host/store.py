"""What is stored: one row per deal, and one row per event that ever happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    create_engine,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable

import salesflow as sf

__all__ = ["MAX_VERSION", "DealExists", "NoSuchDeal", "RaceLost", "Store"]

MAX_VERSION: Final = 2**31 - 1
"""What an INTEGER column holds in every database."""


class NoSuchDeal(LookupError):
    """There is no deal of that id."""


class DealExists(ValueError):
    """There is a deal of that id already."""


class RaceLost(Exception):
    """Somebody else appended to the deal since it was loaded. Nothing was written."""


class Base(DeclarativeBase):
    """The tables."""


class DealRow(Base):
    """A deal: its fields, and the progress that its events add up to, ready for reading."""

    __tablename__ = "deals"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    version: Mapped[int]
    fields: Mapped[str] = mapped_column(Text)
    progress: Mapped[str] = mapped_column(Text)


class EventRow(Base):
    """An event as salesflow wrote it, and beside it what is searched for."""

    __tablename__ = "events"
    # Of two decisions on the same version of a deal, this lets only one in.
    __table_args__ = (UniqueConstraint("opportunity_id", "sequence"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    opportunity_id: Mapped[str] = mapped_column(ForeignKey("deals.id"))
    sequence: Mapped[int]
    command_id: Mapped[str | None] = mapped_column(String(200))
    line: Mapped[str] = mapped_column(Text)


class Store:
    """Deals and events in a database.

    Nothing is locked between loading and appending, and no transaction stays open while somebody
    decides: whoever appends second has lost, learns so, and decides again.
    """

    def __init__(self, url: str) -> None:
        # SQLite has one writer at a time; the others wait this many seconds for their turn.
        waiting = {"timeout": 15} if url.startswith("sqlite") else {}
        self._engine = create_engine(url, connect_args=waiting)
        with self._engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def ping(self) -> None:
        """Raise when the database does not answer."""
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def create(self, deal: sf.Opportunity) -> None:
        """Store a new deal; raises DealExists."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(DealRow).values(id=deal.id, **_columns(deal)))
        except IntegrityError as error:
            raise DealExists(deal.id) from error

    def load(self, deal_id: str) -> sf.Opportunity:
        """The deal as it is now; raises NoSuchDeal."""
        wanted = select(DealRow.fields, DealRow.progress).where(DealRow.id == deal_id)
        with self._engine.connect() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise NoSuchDeal(deal_id)
        progress = sf.Progress.model_validate_json(row.progress)
        return sf.Opportunity.model_validate_json(row.fields).model_copy(
            update={"progress": progress}
        )

    def append(self, deal: sf.Opportunity, events: Iterable[sf.Event]) -> None:
        """Store what happened, and the deal after it, both or nothing; raises RaceLost."""
        rows = [
            {
                "id": event.id,
                "opportunity_id": event.opportunity_id,
                "sequence": event.sequence,
                "command_id": event.command_id,
                "line": event.model_dump_json(),
            }
            for event in events
        ]
        before = deal.progress.version - len(rows)
        advance = update(DealRow).where(DealRow.id == deal.id, DealRow.version == before)
        try:
            with self._engine.begin() as connection:
                # The events come first: SQLite then takes its write lock at the start, where it
                # can wait. Reading first and writing later is how "database is locked" happens.
                connection.execute(insert(EventRow), rows)
                if connection.execute(advance.values(**_columns(deal))).rowcount != 1:
                    raise RaceLost(deal.id)
        except IntegrityError as error:
            raise RaceLost(deal.id) from error

    def lines(
        self, deal_id: str, *, after: int = 0, command_id: str | None = None
    ) -> tuple[str, ...]:
        """The events of a deal in order, each as its line of JSON.

        Args:
            deal_id: The deal.
            after: Only events with a larger sequence.
            command_id: Only events that followed from this command.
        """
        wanted = select(EventRow.line).where(
            EventRow.opportunity_id == deal_id, EventRow.sequence > min(after, MAX_VERSION)
        )
        if command_id is not None:
            wanted = wanted.where(EventRow.command_id == command_id)
        with self._engine.connect() as connection:
            return tuple(connection.scalars(wanted.order_by(EventRow.sequence)))


def _columns(deal: sf.Opportunity) -> dict[str, object]:
    return {
        "version": deal.progress.version,
        "fields": deal.model_dump_json(exclude={"progress"}),
        "progress": deal.progress.model_dump_json(),
    }
