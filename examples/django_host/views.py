"""The endpoints: those of the FastAPI host, and `If-Match` for who prefers a header."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from pydantic import BaseModel, TypeAdapter

import salesflow as sf
from examples.django_host.models import found, give, opened
from examples.django_host.problems import HostError

NEW: Final[TypeAdapter[sf.Opportunity]] = TypeAdapter(sf.NewOpportunity)
AVAILABLE: Final = TypeAdapter(tuple[sf.engine.AvailableCommand, ...])
DUE: Final = TypeAdapter(tuple[sf.schedule.Duty, ...])


@csrf_exempt  # it is an API: in a project of yours, behind authentication by token
@require_POST
def deals(request: HttpRequest) -> HttpResponse:
    """Store a new deal."""
    deal = NEW.validate_json(request.body)
    if not re.fullmatch(r"[\w-][\w.-]{0,99}", deal.id):
        told = "id is part of an address: up to 100 letters, digits, -, _ and ."
        raise HostError(422, "invalid", told)
    opened(deal)
    answer = _json(deal, status=201)
    answer["Location"] = f"/deals/{quote(deal.id)}"
    return answer


@require_GET
def deal(_request: HttpRequest, deal_id: str) -> HttpResponse:
    """The deal with its progress, and its version as ETag."""
    opportunity = found(deal_id).opportunity
    answer = _json(opportunity)
    answer["ETag"] = f'"{opportunity.progress.version}"'
    return answer


@csrf_exempt
@require_POST
def commands(request: HttpRequest, deal_id: str) -> HttpResponse:
    """Decide a command; with `If-Match`, only if the deal is still at that version."""
    command: sf.Command = sf.read_command(request.body)
    seen = request.headers.get("If-Match")
    if seen is not None:
        version = re.fullmatch(r'"(\d{1,9})"', seen)
        if version is None:
            raise HostError(400, "if_match", 'If-Match is a version in quotes, for instance "3".')
        command = command.model_copy(update={"expected_version": int(version[1])})
    return _json(give(deal_id, command))


@require_GET
def review(request: HttpRequest, deal_id: str) -> HttpResponse:
    """Where the deal stands, what is missing, and what would help."""
    row = found(deal_id)
    return _json(row.engine.review(row.opportunity, at=row.now, by=request.GET.get("by")))


@require_GET
def available(request: HttpRequest, deal_id: str) -> HttpResponse:
    """What a person can do to the deal now."""
    row, by = found(deal_id), request.GET.get("by", "")
    options = row.engine.available(row.opportunity, by=by, at=row.now)
    return HttpResponse(AVAILABLE.dump_json(options), content_type="application/json")


@require_GET
def due(_request: HttpRequest, deal_id: str) -> HttpResponse:
    """What is due on the deal, the most urgent first."""
    row = found(deal_id)
    duties = row.engine.due(row.opportunity, at=row.now)
    return HttpResponse(DUE.dump_json(duties), content_type="application/json")


@require_GET
def events(_request: HttpRequest, deal_id: str) -> HttpResponse:
    """What happened to the deal, as JSON Lines."""
    lines = found(deal_id).events.values_list("line", flat=True)
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="application/jsonl")


def _json(result: BaseModel, status: int = 200) -> HttpResponse:
    return HttpResponse(result.model_dump_json(), status=status, content_type="application/json")
