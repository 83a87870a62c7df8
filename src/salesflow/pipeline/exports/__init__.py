"""Exports of CRMs, turned into frames whose columns are named like our facts.

[`salesforce`][salesflow.pipeline.exports.Export], `hubspot`, `zoho`, `pipedrive`, `dynamics`,
`odoo`, `suitecrm`, `espocrm`, `cordyscrm` and `jira` know the names of the columns, the scale of
probabilities, and how deals are said to have ended; `read_numbers` and `read_days` read numbers and
dates of any file as they are written.
"""

from typing import Final

from salesflow.pipeline.exports._dates import read_days
from salesflow.pipeline.exports._export import Export
from salesflow.pipeline.exports._numbers import read_numbers

__all__ = [
    "Export",
    "cordyscrm",
    "dynamics",
    "espocrm",
    "hubspot",
    "jira",
    "odoo",
    "pipedrive",
    "read_days",
    "read_numbers",
    "salesforce",
    "suitecrm",
    "zoho",
]

salesforce: Final = Export("Salesforce")
"""Exports of Salesforce: names of its interface, of its reports, and of warehouse copies."""

hubspot: Final = Export("HubSpot")
"""Exports of HubSpot: names of its interface, of its files, and of warehouse copies."""

zoho: Final = Export("Zoho")
"""Exports of Zoho CRM: deals in English and Chinese, and the related list of their stages."""

pipedrive: Final = Export("Pipedrive")
"""Exports of Pipedrive: names of its interface and of its files; changelogs and flows of deals."""

dynamics: Final = Export("Dynamics")
"""Exports of Microsoft Dynamics 365 Sales: logical and display names, and audit details."""

suitecrm: Final = Export("SuiteCRM")
"""Exports of SuiteCRM, and of SugarCRM: its tables, and the audit of its opportunities."""

espocrm: Final = Export("EspoCRM")
"""Exports of EspoCRM: its opportunities, and the flattened notes of its stream."""

odoo: Final = Export("Odoo")
"""Exports of Odoo: leads in English and Chinese, and tracking values with record and date."""

cordyscrm: Final = Export("CordysCRM")
"""Exports of CordysCRM (1Panel): its files in Chinese, its interface, and its operation log."""

jira: Final = Export("Jira")
"""Exports of Jira, where deals are issues: these, and the items of their changelogs."""
