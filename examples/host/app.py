"""A small host for salesflow: FastAPI in front, a database behind, the engines between them.

Requests and answers are salesflow's own records and results. The endpoints are plain functions:
FastAPI runs each in a thread, and threads may share the engines and the store.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

import salesflow as sf
from examples.host.store import Store, Taken
from salesflow.errors import SalesflowError

ATTEMPTS: Final = 50


class HostError(SalesflowError):
    """The request cannot be served."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status, self.code = status, code


def addressable(deal: sf.Opportunity) -> sf.Opportunity:
    """The deal, if its id can be part of an address."""
    if not re.fullmatch(r"[\w-][\w.-]{0,99}", deal.id):
        words = "id is part of an address: up to 100 letters, digits, -, _ and ."
        raise PydanticCustomError("deal_id", words)
    return deal


class Host:
    """What the endpoints share: the deals, and the processes in all versions that are in use."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engines = sf.Engines([sf.load_playbook("optimized_sales_process")])

    def load(self, deal_id: str) -> tuple[sf.Opportunity, datetime]:
        """A deal, and the present moment."""
        deal = self.store.load(deal_id)
        if deal is None:
            raise HostError(404, "no_such_deal", f"There is no deal {deal_id[:200]!r}.")
        now = datetime.now(UTC)
        # The clock of the machine that stored the last event may be ahead of this one's.
        return deal, max(now, deal.progress.last_event_at or now)

    def give(self, deal_id: str, command: sf.Command) -> sf.Decision[sf.Opportunity]:
        """Decide a command and store what follows; overtaken by somebody else, decide again."""
        for _ in range(ATTEMPTS):
            deal, at = self.load(deal_id)
            decision = self.engines.decide(deal, command, at=at, events=self.earlier(deal_id))
            after = decision.require()
            try:
                if decision.events:
                    self.store.append(after, decision.events)
            except Taken:
                continue
            return decision
        raise HostError(503, "busy", "Many others work on this deal.", "Send the same again.")

    def earlier(self, deal_id: str) -> Iterator[sf.Event]:
        """What happened: read only for a retry that the deal itself does not remember."""
        yield from sf.read_events(self.store.lines(deal_id, 0))


def create_app(database: str | None = None) -> FastAPI:
    """The application, on a URL of SQLAlchemy; default: what DEALS_DATABASE says."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = Store(database or os.environ.get("DEALS_DATABASE", "sqlite:///deals.db"))
        app.state.host = Host(store)
        yield
        store.database.dispose()

    app = FastAPI(title="Deals", version=sf.__version__, lifespan=lifespan)
    app.include_router(router)
    for error in (SalesflowError, RequestValidationError, OperationalError, HTTPException):
        app.add_exception_handler(error, problem)
    return app


def problem(_request: Request, error: Exception) -> Response:
    """Any error as a problem document."""
    headers = dict(getattr(error, "headers", None) or {})
    if isinstance(error, OperationalError):
        error = HostError(503, "busy", "The database is busy.", "Send the same again.")
    elif isinstance(error, HTTPException):
        known = HTTPStatus(error.status_code)
        error = HostError(known, known.name.lower(), f"{known.phrase}.")
    elif isinstance(error, RequestValidationError):
        error = sf.domain.InvalidInput.of(error)
        if any(item.code == "json_invalid" for item in error.problems):
            error = HostError(400, "json", "The body is not JSON.")
    if not isinstance(error, SalesflowError) or error.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error  # a fault of ours
    media_type = "application/problem+json"
    return JSONResponse(error.to_dict(), error.status, headers, media_type=media_type)


def the_host(request: Request) -> Host:
    """The host that serves a request."""
    return cast("Host", request.app.state.host)


TheHost = Annotated[Host, Depends(the_host)]
Person = Annotated[sf.domain.Label, Query()]
PROBLEM: Final = {
    "description": "A problem document",
    "content": {"application/problem+json": {"schema": SalesflowError.json_schema()}},
}
LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}
}

router = APIRouter(responses={"4XX": PROBLEM, 503: PROBLEM})


@router.get("/health")
def health(host: TheHost) -> list[str]:
    """The processes that this host follows, once the database has answered."""
    host.store.load("")
    return [f"{playbook.id} {playbook.version}" for playbook in host.engines.playbooks]


@router.post("/deals", status_code=HTTPStatus.CREATED)
def create(
    deal: Annotated[sf.NewOpportunity, AfterValidator(addressable)],
    host: TheHost,
    response: Response,
) -> sf.Opportunity:
    """Store a new deal. Its progress cannot be given: commands write it."""
    # A wrong fact is told now, to who brings it, and not only once somebody starts the deal.
    sf.facts_of(deal, host.engines.of(deal).playbook, at=datetime.now(UTC))
    try:
        host.store.create(deal)
    except Taken:
        told = f"There is a deal {deal.id!r} already."
        raise HostError(409, "deal_exists", told, "Amend changes its fields.") from None
    response.headers["Location"] = f"/deals/{quote(deal.id)}"
    return deal


@router.get("/deals/{deal_id}")
def read(deal_id: str, host: TheHost) -> sf.Opportunity:
    """The deal with its progress."""
    return host.load(deal_id)[0]


@router.post("/deals/{deal_id}/commands")
def give(deal_id: str, command: sf.AnyCommand, host: TheHost) -> sf.Decision[sf.Opportunity]:
    """Decide a command: 200 when it took effect, now or before; 409 with every reason if not."""
    return host.give(deal_id, command)


@router.get("/deals/{deal_id}/review")
def review(deal_id: str, host: TheHost, by: Person | None = None) -> sf.Review:
    """Where the deal stands, what is missing, and what would help."""
    deal, now = host.load(deal_id)
    return host.engines.of(deal).review(deal, at=now, by=by)


@router.get("/deals/{deal_id}/available")
def available(deal_id: str, host: TheHost, by: Person) -> tuple[sf.engine.AvailableCommand, ...]:
    """What a person can do to the deal now."""
    deal, now = host.load(deal_id)
    return host.engines.of(deal).available(deal, by=by, at=now)


@router.get("/deals/{deal_id}/due")
def due(deal_id: str, host: TheHost) -> tuple[sf.schedule.Duty, ...]:
    """What is due on the deal, the most urgent first."""
    deal, now = host.load(deal_id)
    return host.engines.of(deal).due(deal, at=now)


@router.get("/deals/{deal_id}/events", response_class=Response, responses=LINES)
def events(
    deal_id: str, host: TheHost, after: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> Response:
    """What happened to the deal, as JSON Lines."""
    host.load(deal_id)
    lines = host.store.lines(deal_id, after)
    return Response("".join(f"{line}\n" for line in lines), media_type="application/jsonl")
