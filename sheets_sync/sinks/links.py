"""Where the links of a workbook lead, as an .xlsx file spells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from sheets_sync.reporting.page import Link, Links
from sheets_sync.sinks.layout import PLACE, Resolve
from sheets_sync.sinks.xlsx_names import quoted

# characters of the address and of the place a link leads to in Excel, and of the cell at the end of the place
MAX_URL, MAX_PLACE, LONGEST_CELL = 2_079, 255, 10

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_WEB = ("http:", "https:", "mailto:", "ftp:", "file:")
# As Excel itself writes addresses: letters of any alphabet stay as they are, these signs do not.
_ESCAPED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in ' "<>[]^`{}|'})
_CELL = re.compile("[A-Z]{1,3}[0-9]{1,7}")
_CELLS = re.compile("(?:[A-Z]{1,3}[0-9]{1,7} )*")


class Lead(NamedTuple):
    """Where links lead: to a file or page ("" for the book itself), and a place in it, but for the cell at its end."""

    target: str
    place: str


class Leads:
    """Where the links of a book lead, found once for all that lead to one sheet.

    ``names``: what sheets of the book are called in the file, by their titles. ``resolve``: addresses of links that are
    neither to files nor to pages.
    """

    def __init__(self, names: Mapping[str, str], resolve: Resolve | None) -> None:
        self._names, self._resolve = names, resolve
        self._known: dict[str, Lead] = {}  # what comes before the cell's «!» → where that leads

    def of(self, link: Link) -> tuple[Lead, str] | None:
        """Where a link leads, and the cell at its end; None when a link cannot lead there."""
        address = self._resolve(link) if self._resolve is not None else None
        target = address or link.target
        head, _, cell = target.rpartition("!")
        if _CELL.fullmatch(cell) and (lead := self._known.get(head)) is not None:
            return lead, cell
        parts = link_parts(target)
        return None if parts is None else self._taken_apart(parts, head, cell)

    def of_all(self, links: Links) -> dict[str, Lead] | None:
        """Where the leads of a column lead; None where its links have to be looked at one by one."""
        leads = links.leads
        if not all(compress(links.texts, leads)) or not _are_cells(compress(links.cells, leads)):
            return None
        found: dict[str, Lead] = {}
        for told in filter(None, dict.fromkeys(leads)):
            head = told.removesuffix("!")
            if head == told or (self._resolve is not None and _SCHEME.match(told)):
                return None
            if head not in self._known:
                cell = links.cells[leads.index(told)]
                if (parts := link_parts(told + cell)) is not None:
                    self._taken_apart(parts, head, cell)
            if (lead := self._known.get(head)) is None:
                return None
            found[told] = lead
        return found

    def _taken_apart(self, parts: tuple[str, str], head: str, cell: str) -> tuple[Lead, str]:
        """The lead and the cell of a link to ``parts``; where the cell ends it, others of its sheet will find the lead
        that is theirs too."""
        file, place = parts
        if not file:
            place = self._renamed(place)
        if not (_CELL.fullmatch(cell) and place.endswith(f"!{cell}")) or len(parts[1]) > MAX_PLACE - LONGEST_CELL:
            return Lead(file, place), ""
        lead = self._known[head] = Lead(file, place.removesuffix(cell))
        return lead, cell

    def _renamed(self, place: str) -> str:
        """A place in this book, its sheet called as it is in the file."""
        name, _, cell = place.rpartition("!")
        title = name[1:-1].replace("''", "'") if name.startswith("'") else name
        return f"{quoted(self._names.get(title, title))}!{cell}"


def link_parts(target: str) -> tuple[str, str] | None:
    """(address of the file or page as a relationship spells it, place in it) of a link's target; None if unusable.

    ``target`` is a plain relative path, «#» and «%» in file names included, with an optional «#'Лист'!A1» at its end,
    or an address of the web.
    """
    path, hash_sign, place = target.rpartition("#'")
    if hash_sign and "#'" not in path and not place.startswith("'") and (address := _address(path)) is not None:
        place = f"'{place}"
    elif scheme := _SCHEME.match(target):
        address, _, place = target.partition("#")
        if scheme.group().lower() not in _WEB:
            return None
        address = address.translate(_ESCAPED)
    else:
        found = PLACE.search(target)
        place = found.group(1) if found else ""
        path = target[: found.start()] if found else target
        address = _address(path)
    if address is None or not (address or place) or len(address) > MAX_URL or len(place) > MAX_PLACE:
        return None
    return address, place


def _are_cells(texts: Iterable[str]) -> bool:
    told = [f"{text} " for text in texts]
    joined = "".join(told)
    return joined.count(" ") == len(told) and _CELLS.fullmatch(joined) is not None


@lru_cache(maxsize=256)
def _address(path: str) -> str | None:
    """A plain relative path as a relationship spells it; None for what begins like an address of the web."""
    if _SCHEME.match(path):
        return None
    address = path.replace("\\", "/").replace("%", "%25").replace("#", "%23").translate(_ESCAPED)
    return f"./{address}" if ":" in address.partition("/")[0] else address  # otherwise taken for a scheme
