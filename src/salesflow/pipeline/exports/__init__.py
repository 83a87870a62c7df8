"""Exports of CRMs, turned into frames whose columns are named like our facts.

[`salesforce`][salesflow.pipeline.exports.Export] and `hubspot` know the names of the columns and
the scale of probabilities; `read_days` reads dates of any file as they are written.
"""

from typing import Final

from salesflow.pipeline.exports._dates import read_days
from salesflow.pipeline.exports._export import Export

__all__ = ["Export", "hubspot", "read_days", "salesforce"]

salesforce: Final = Export("Salesforce")
"""Exports of Salesforce: names of its interface, of its reports, and of warehouse copies."""

hubspot: Final = Export("HubSpot")
"""Exports of HubSpot: names of its interface, of its files, and of warehouse copies."""
