"""`template --google`, `init --google`: the blank spreadsheet at Google, and a config that reads from there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.errors import ConfigError, SourceError
from sheets_sync.run import google

if TYPE_CHECKING:
    from pathlib import Path

    from sheets_sync.config import Config, GoogleSource
    from sheets_sync.google.client import GoogleClient
    from sheets_sync.google.credentials import Access
    from sheets_sync.sinks.google_tab import Request
    from sheets_sync.table_schema.model import TableSchema

KEY_NAME = "service-account.json"
PLACEHOLDER = "ИДЕНТИФИКАТОР_ПАПКИ"
_LOOKED_AT = "sheets(properties(sheetId,title,sheetType),charts(chartId),data(rowData(values(userEnteredValue,note))))"
_TABS = "sheets(properties(sheetId,title))"
_OWN_ONE = (
    "make a blank spreadsheet at sheets.google.com yourself, share it with {whom} as Editor, then name it:"
    " sheets-sync template --google --spreadsheet ID"
)


class BlankMade(NamedTuple):
    """A blank spreadsheet that is there now; ``notices`` are lines for the operator."""

    spreadsheet_id: str
    address: str
    notices: tuple[str, ...] = ()


def account_for(config: Config | None, key: Path | None = None) -> tuple[GoogleSource, Access]:
    """Whose account makes it: that of the config's first Google source, the key file given, or the environment's.

    Raises ConfigError where there are no usable credentials.
    """
    from sheets_sync.config import GoogleSource

    source = (google.writing_source(config) if config else None) or GoogleSource(credentials=key)
    return source, google.account(source)


def make_blank(
    source: GoogleSource,
    access: Access,
    schemas: Sequence[TableSchema],
    *,
    title: str,
    spreadsheet: str = "",
    org_type: str = "",
) -> BlankMade:
    """A blank spreadsheet of these tables: a new one of the account's, or ``spreadsheet`` (id or address), if it is
    empty.

    Raises ConfigError when that one holds anything, SourceError when Google refuses; both say what to do.
    """
    from sheets_sync.google.files import file_id
    from sheets_sync.google.refusals import GoogleRefused
    from sheets_sync.sinks.google_sheets import address
    from sheets_sync.sinks.google_template import blank_spreadsheet

    client = google.connect(source, access)
    if spreadsheet:
        one = file_id(spreadsheet)
        _fill(client, one, schemas, org_type)
        return BlankMade(one, address(one), access.notices)
    whom = access.email or "the account in use"
    own_one = _OWN_ONE.format(whom=whom)
    blank = blank_spreadsheet(schemas, org_type=org_type)
    try:
        made = str(client.create(title, sheets=blank.sheets)["spreadsheetId"])
    except GoogleRefused as error:
        if error.reason not in ("no-access", "no-storage"):
            raise
        # a service account without room of its own is told so in either way
        raise SourceError(f"Google does not let {whom} make a spreadsheet; {own_one}") from None
    try:
        client.update(made, blank.requests, lambda: False)  # what is to be, so it may be said twice
    except SourceError as error:
        mend = f"run: sheets-sync template --google --spreadsheet {made}"
        raise SourceError(f"made, but not filled: {address(made)} ({error}); {mend}") from None
    notices = list(access.notices)
    if access.kind == "service-account":
        notices.append(f"only {whom} can open this spreadsheet so far; if people are to fill it in, rather {own_one}")
    return BlankMade(made, address(made), tuple(notices))


def _fill(client: GoogleClient, one: str, schemas: Sequence[TableSchema], org_type: str) -> None:
    """Put the blank tables in place of the empty tabs, in one batch."""
    from sheets_sync.sinks.google_sheets import address
    from sheets_sync.sinks.google_template import blank_spreadsheet

    answer = client.spreadsheet(one, _LOOKED_AT)
    if (what := _held(answer)) is not None:
        mend = "name an empty spreadsheet: nothing that people typed is ever overwritten"
        raise ConfigError(f"the spreadsheet is not empty: {what}", path=address(one), mend=mend)
    there = {tab["properties"]["sheetId"]: tab["properties"]["title"] for tab in answer.get("sheets", ())}
    blank = blank_spreadsheet(schemas, org_type=org_type, taken=there)
    titles = {tab["properties"]["sheetId"]: tab["properties"]["title"] for tab in blank.sheets}
    aside = "~"
    while any(title.startswith(aside) for title in there.values()):
        aside += "~"
    requests: list[Request] = [
        # out of the way: a title is taken until its tab is gone, and the last tab cannot go
        {"updateSheetProperties": {"properties": {"sheetId": number, "title": f"{aside}{number}"}, "fields": "title"}}
        for number in there
    ]
    requests += [{"addSheet": tab} for tab in blank.sheets]
    requests += [{"deleteSheet": {"sheetId": number}} for number in there]

    def done() -> bool:
        tabs = client.spreadsheet(one, _TABS).get("sheets", ())
        return {tab["properties"]["sheetId"]: tab["properties"]["title"] for tab in tabs} == titles

    client.update(one, [*requests, *blank.requests], done)


def _held(answer: dict[str, Any]) -> str | None:
    """What a spreadsheet holds that somebody may miss: «tab “Лист1”, cell B3»; None if it is empty."""
    from sheets_sync.issues import column_letter

    for tab in answer.get("sheets", ()):
        name = f"tab “{tab['properties']['title']}”"
        if tab["properties"].get("sheetType", "GRID") != "GRID" or tab.get("charts"):
            return f"{name} has a chart"
        for data in tab.get("data", ()):
            for row, line in enumerate(data.get("rowData", ()), 1):
                for column, cell in enumerate(line.get("values", ()), 1):
                    if cell.get("userEnteredValue") or cell.get("note"):
                        return f"{name}, cell {column_letter(column)}{row}"
    return None


def google_config_text(example: str, *, folder: str = "", key: str = KEY_NAME) -> str:
    """The example config with Google for its source, and the folder of Excel files as the commented alternative.

    ``key`` "": credentials come from the environment.
    """
    begin, end = example.index("[[sources]]\n"), example.index("[outputs]\n")
    excel, _, at_google = example[begin:end].partition("\n\n")
    at_google = _changed(at_google, r"# (\[\[sources\]\]|kind = |folders = |credentials = )", lambda found: found[1])
    excel = _changed(excel, r"(\[\[sources\]\]|kind = |path = )", lambda found: f"# {found[1]}")
    at_google = at_google.replace(PLACEHOLDER, folder or PLACEHOLDER)
    if key:
        at_google = at_google.replace(KEY_NAME, key)
    else:
        at_google = at_google.replace("credentials = ", "# credentials = ")
    return f"{example[:begin]}{at_google.rstrip()}\n\n{excel.rstrip()}\n\n{example[end:]}"


def _changed(text: str, pattern: str, change: Callable[[re.Match[str]], str]) -> str:
    return re.sub(f"^{pattern}", change, text, flags=re.MULTILINE)
