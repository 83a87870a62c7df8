"""Exports of CRMs, turned into frames whose columns are named like our facts.

[`salesforce`][salesflow.pipeline.exports.Export], `hubspot`, `suitecrm`, `espocrm`, `odoo` and
`jira` know the names of the columns and the scale of probabilities; `read_days` reads dates of any
file as they are written.
"""

from typing import Final

from salesflow.pipeline.exports._dates import read_days
from salesflow.pipeline.exports._export import Export

__all__ = ["Export", "espocrm", "hubspot", "jira", "odoo", "read_days", "salesforce", "suitecrm"]

salesforce: Final = Export("Salesforce")
"""Exports of Salesforce: names of its interface, of its reports, and of warehouse copies."""

hubspot: Final = Export("HubSpot")
"""Exports of HubSpot: names of its interface, of its files, and of warehouse copies."""

suitecrm: Final = Export("SuiteCRM")
"""Exports of SuiteCRM, and of SugarCRM: its tables, and the audit of its opportunities."""

espocrm: Final = Export("EspoCRM")
"""Exports of EspoCRM: its opportunities, and the flattened notes of its stream."""

odoo: Final = Export("Odoo")
"""Exports of Odoo: leads, and tracking values with the record and the date of their message."""

jira: Final = Export("Jira")
"""Exports of Jira, where deals are issues: these, and the items of their changelogs."""
