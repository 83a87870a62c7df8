"""Everything that can be wrong with a request, as JSON of one shape."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

import salesflow as sf
from examples.host.desk import Busy
from examples.host.schemas import BlockerOut, ErrorOut, ProblemOut
from examples.host.store import DealExists, NoSuchDeal
from salesflow.errors import (
    CommandConflict,
    CommandError,
    FactError,
    MoneyError,
    PlaybookMismatch,
    Problem,
    SalesflowError,
    UnknownName,
    VersionConflict,
)

__all__ = ["answer", "error_of", "install", "refusal_of"]

# 409: there is nothing wrong with the request, but the deal is not, or no longer, ready for it.
# 422: the request has to be changed. What is not listed here is a fault of ours, a 500.
STATUS: Final[dict[type[SalesflowError], HTTPStatus]] = {
    CommandConflict: HTTPStatus.CONFLICT,
    PlaybookMismatch: HTTPStatus.CONFLICT,
    VersionConflict: HTTPStatus.CONFLICT,
    CommandError: HTTPStatus.UNPROCESSABLE_ENTITY,
    FactError: HTTPStatus.UNPROCESSABLE_ENTITY,
    MoneyError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownName: HTTPStatus.UNPROCESSABLE_ENTITY,
}
MOST: Final = 100


def answer(status: HTTPStatus, error: ErrorOut) -> Response:
    """The error as a response."""
    return Response(error.model_dump_json(), status, media_type="application/json")


def error_of(error: SalesflowError, meanwhile: Iterable[sf.Event] = ()) -> ErrorOut:
    """One of salesflow's errors."""
    return ErrorOut(
        code=error.code,
        message=error.message,
        hint=error.hint,
        problems=tuple(_problem(problem) for problem in error.problems[:MOST]),
        meanwhile=tuple(meanwhile),
    )


def refusal_of(decision: sf.Decision[sf.Opportunity]) -> ErrorOut:
    """A command that was refused, with every reason."""
    return ErrorOut(
        code="refused",
        message=f"{decision.command.kind} was refused.",
        hint="Each of the blockers must be dealt with.",
        blockers=tuple(BlockerOut.model_validate(blocker) for blocker in decision.blockers),
    )


def install(app: FastAPI) -> None:
    """Have the app answer errors in our shape."""
    for known in STATUS:
        app.add_exception_handler(known, _salesflow)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(NoSuchDeal, _no_such_deal)
    app.add_exception_handler(DealExists, _deal_exists)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(HTTPException, _http)


def _salesflow(_request: Request, error: Exception) -> Response:
    if not isinstance(error, SalesflowError):
        raise error
    status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    return answer(status, error_of(error))


def _invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return answer(
            HTTPStatus.BAD_REQUEST, ErrorOut(code="json", message="The body is not JSON.")
        )
    # What was sent is not sent back: it may be long, secret, or no text at all.
    problems = [
        Problem(".".join(str(part) for part in item["loc"]), item["msg"], code=item["type"])
        for item in found[:MOST]
    ]
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        ErrorOut(
            code="invalid",
            message="The request cannot be used as it is.",
            problems=tuple(_problem(problem) for problem in problems),
        ),
    )


def _no_such_deal(_request: Request, error: Exception) -> Response:
    missing = ErrorOut(code="no_such_deal", message=f"There is no deal {_cut(str(error))!r}.")
    return answer(HTTPStatus.NOT_FOUND, missing)


def _deal_exists(_request: Request, error: Exception) -> Response:
    exists = ErrorOut(
        code="deal_exists",
        message=f"There is a deal {str(error)!r} already.",
        hint="Amend changes its fields.",
    )
    return answer(HTTPStatus.CONFLICT, exists)


def _busy(_request: Request, _error: Exception) -> Response:
    busy = ErrorOut(
        code="busy",
        message="The database is busy.",
        hint="Send the same again, command_id and all.",
    )
    response = answer(HTTPStatus.SERVICE_UNAVAILABLE, busy)
    response.headers["Retry-After"] = "1"
    return response


def _http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    response = answer(status, ErrorOut(code=status.name.lower(), message=f"{status.phrase}."))
    response.headers.update(error.headers or {})
    return response


def _problem(problem: Problem) -> ProblemOut:
    return ProblemOut(
        path=_cut(problem.path),
        message=_cut(problem.message),
        hint=_cut(problem.hint),
        code=problem.code,
    )


def _cut(words: str) -> str:
    # A key of a megabyte helps nobody.
    return words[:1_000]
