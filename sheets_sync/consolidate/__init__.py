"""Accepted rows of all organisations → the district's roster, «Сводный реестр».

Works on a connection that holds the store and the relations of docs/architecture.md. What may leave a school is settled
here (design.md §10, domain.md §6): pupils are codes with an age band and a form; adults stand by name where a consent
is recorded; a person without one remains as an anonymous row, so that totals agree. No categories, contacts of
participants, requests or free text.

From the bottom up: what organisations are called, pupils' codes, who may be shown how (``access``); what the sheets
read (``tables``) and are made from (``context``); how a sheet is made (``sheet``), the sheets, and the ``book``.
"""

from __future__ import annotations

from sheets_sync.consolidate.access import NOT_IN_BASE, WITHOUT_CONSENT, people_named, people_shown
from sheets_sync.consolidate.book import roster_book
from sheets_sync.consolidate.matches_sheet import MATCHES_FILE
from sheets_sync.consolidate.organisations import Organisation, organisation_titles, organisations_of
from sheets_sync.consolidate.pupil_codes import PupilCodes
from sheets_sync.consolidate.sheet import LONG_SHEETS

__all__ = [
    "LONG_SHEETS",
    "MATCHES_FILE",
    "NOT_IN_BASE",
    "WITHOUT_CONSENT",
    "Organisation",
    "PupilCodes",
    "organisation_titles",
    "organisations_of",
    "people_named",
    "people_shown",
    "roster_book",
]
