"""Deals in the admin: read, never edited past their events; commands are its actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.utils.html import format_html_join

import salesflow as sf
from examples.django_host.models import Deal, give

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


@admin.register(Deal)
class DealAdmin(admin.ModelAdmin):
    """A list of deals, a page for each with what is missing, and the moves as actions."""

    list_display = ("id", "name", "owner", "stage", "outcome", "version")
    list_filter = ("stage", "outcome", "owner")
    search_fields = ("id", "name")
    fields = readonly_fields = (*list_display, "missing", "you_can")
    actions = ("advance", "resume")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Deals are opened by the API."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _deal: Deal | None = None) -> bool:
        """What happened stays on record."""
        return False

    def get_object(self, request: HttpRequest, *args: object) -> Deal | None:
        """The deal of a page, which is shown for the person who looks."""
        found: Deal | None = super().get_object(request, *args)
        if found is not None:
            found.looking = request.user.get_username()
        return found

    @admin.display(description="Missing")
    def missing(self, deal: Deal) -> str:
        """What the deal lacks to move on."""
        blockers = deal.engine.review(deal.opportunity, at=deal.now).blockers
        return format_html_join("", "{}: {}<br>", ((item.title, item.fix) for item in blockers))

    @admin.display(description="You can")
    def you_can(self, deal: Deal) -> str:
        """What the person who looks can do."""
        options = deal.engine.available(deal.opportunity, by=deal.looking, at=deal.now)
        lines = [
            (option.kind.__name__, ", ".join(str(value) for value in option.fields.values()))
            for option in options
            if option.allowed
        ]
        return format_html_join("", "{} {}<br>", lines)

    @admin.action(description="Advance")
    def advance(self, request: HttpRequest, deals: QuerySet[Deal]) -> None:
        """On to the next stage."""
        self._give(request, deals, sf.Advance(by=request.user.get_username()))

    @admin.action(description="Resume")
    def resume(self, request: HttpRequest, deals: QuerySet[Deal]) -> None:
        """Go on with deals that rest."""
        self._give(request, deals, sf.Resume(by=request.user.get_username()))

    def _give(self, request: HttpRequest, deals: QuerySet[Deal], command: sf.Command) -> None:
        for deal in deals:
            seen = command.model_copy(update={"expected_version": deal.version})
            try:
                give(deal.id, seen)
            except sf.SalesflowError as error:
                self.message_user(request, f"{deal.id}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{deal.id}: {command.kind} is done.", messages.SUCCESS)
