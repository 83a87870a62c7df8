"""A small host for salesflow: FastAPI in front, a database behind, the engine between them.

The endpoints are plain functions: FastAPI runs each in a thread, and the engine and the store may
be shared by threads.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

import salesflow as sf
from examples.host.desk import Desk
from examples.host.problems import answer, error_of, install, refusal_of
from examples.host.schemas import AnyCommand, ErrorOut, HealthOut, NewDeal, ResultOut, ReviewOut
from examples.host.store import MAX_VERSION, Store
from salesflow.errors import VersionConflict

__all__ = ["create_app"]

PLAYBOOK: Final = "optimized_sales_process"
DATABASE: Final = "sqlite:///deals.db"


def create_app(database: str | None = None) -> FastAPI:
    """The application.

    Args:
        database: A URL of SQLAlchemy; default: what the environment says in DEALS_DATABASE.
    """
    engine = sf.StageEngine(sf.load_playbook(PLAYBOOK))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = Store(database or os.environ.get("DEALS_DATABASE", DATABASE))
        app.state.desk = Desk(engine, store, clock=lambda: datetime.now(UTC))
        yield
        store.close()

    app = FastAPI(title="Deals", version=sf.__version__, lifespan=lifespan)
    app.include_router(router)
    install(app)
    return app


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]

router = APIRouter(responses={"4XX": {"model": ErrorOut}})


@router.get("/health")
def health(desk: TheDesk) -> HealthOut:
    """Answer 200 when the database does."""
    desk.store.ping()
    playbook = desk.engine.playbook
    return HealthOut(playbook=playbook.id, version=playbook.version, digest=playbook.digest)


@router.post("/deals", status_code=HTTPStatus.CREATED)
def create(deal: NewDeal, desk: TheDesk, response: Response) -> sf.Opportunity:
    """Store a new deal. Its progress cannot be given: commands write it."""
    desk.open(deal)
    response.headers["Location"] = f"/deals/{deal.id}"
    return deal


@router.get("/deals/{deal_id}")
def read(deal_id: str, desk: TheDesk) -> sf.Opportunity:
    """The deal with its progress."""
    return desk.store.load(deal_id)


@router.post("/deals/{deal_id}/commands", response_model=ResultOut)
def give(deal_id: str, command: AnyCommand, desk: TheDesk) -> ResultOut | Response:
    """Decide a command: 200 when it took effect, now or before; 409 with every reason if not."""
    try:
        decision = desk.give(deal_id, command)
    except VersionConflict as error:
        missed = desk.store.lines(deal_id, after=command.expected_version or 0)
        return answer(HTTPStatus.CONFLICT, error_of(error, meanwhile=sf.read_events(missed)))
    if not decision.accepted:
        return answer(HTTPStatus.CONFLICT, refusal_of(decision))
    events = decision.events
    if decision.duplicate:
        events = sf.read_events(desk.store.lines(deal_id, command_id=command.command_id))
    return ResultOut(duplicate=decision.duplicate, version=events[-1].sequence, events=events)


@router.get("/deals/{deal_id}/review")
def review(deal_id: str, desk: TheDesk) -> ReviewOut:
    """Where the deal stands, what is missing, and what would help."""
    return ReviewOut.model_validate(desk.review(deal_id))


@router.get("/deals/{deal_id}/events")
def events(
    deal_id: str, desk: TheDesk, after: Annotated[int, Query(ge=0, le=MAX_VERSION)] = 0
) -> Response:
    """What happened to the deal, as JSON Lines."""
    desk.store.load(deal_id)
    lines = desk.store.lines(deal_id, after=after)
    return Response("".join(f"{line}\n" for line in lines), media_type="application/jsonl")
