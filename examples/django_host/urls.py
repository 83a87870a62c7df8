"""The addresses: `/admin/`, and the API under `/deals`."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from examples.django_host import views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("deals", views.deals),
    path("deals/<str:deal_id>", views.deal),
    path("deals/<str:deal_id>/commands", views.commands),
    path("deals/<str:deal_id>/review", views.review),
    path("deals/<str:deal_id>/available", views.available),
    path("deals/<str:deal_id>/due", views.due),
    path("deals/<str:deal_id>/events", views.events),
]
