"""Errors as problem documents."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from pydantic import ValidationError

import salesflow as sf
from salesflow.errors import SalesflowError, VersionConflict

FAULT: Final = HTTPStatus.INTERNAL_SERVER_ERROR


class HostError(SalesflowError):
    """The request cannot be served."""

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status, self.code = status, code


class ProblemDocuments:
    """Middleware: answers with a problem document where a view raised an error that is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer of the view."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The problem document of an error; None leaves it to Django, which makes it a 500."""
        if isinstance(error, ValidationError):
            error = sf.domain.InvalidInput.of(error)
        elif isinstance(error, OperationalError):
            error = HostError(503, "busy", "The database is busy.", "Send the same again.")
        elif isinstance(error, VersionConflict) and "If-Match" in request.headers:
            error.status = HTTPStatus.PRECONDITION_FAILED
        if not isinstance(error, SalesflowError) or error.status == FAULT:
            return None
        content_type = "application/problem+json"
        return JsonResponse(error.to_dict(), status=error.status, content_type=content_type)
