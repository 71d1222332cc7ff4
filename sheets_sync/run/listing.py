"""What there is to read: the workbooks of all sources, by paths that begin with their organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from sheets_sync.errors import SourceError
from sheets_sync.sources import Listing

if TYPE_CHECKING:
    from sheets_sync.config import Config, ExcelSource, GoogleSource
    from sheets_sync.run.google import GoogleSide


@dataclass(slots=True)
class Listed:
    """What the sources hold. ``whole``: all of them could be listed; ``unlisted`` are (organisation, path) of what is
    there perhaps and could not be listed: a folder, or all of an organisation where the path is "".

    ``messages`` are lines for the operator; each tells of trouble.
    """

    listing: Listing = field(default_factory=lambda: Listing([], [], []))
    whole: bool = True
    unlisted: list[tuple[str, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def may_be_there(self, organisation: str, path: str) -> bool:
        """Was it perhaps only not to be seen this time?"""
        return any(
            organisation == whose if not away else path == away or path.startswith(f"{away}/")
            for whose, away in self.unlisted
        )


def list_sources(config: Config, google: GoogleSide) -> Listed:
    """List every source; one that cannot be reached is told, and the others go on. Raises ConfigError."""
    found = Listed()
    taken: set[tuple[str, str]] = set()
    for source in config.sources:
        try:
            if source.kind == "excel":
                _add(found, taken, _excel(config, source), source.path.name)
            else:
                _add(found, taken, _google(found, source, google), "Google")
        except SourceError as error:
            mend = "make the folder available and run again" if source.kind == "excel" else "run again"
            found.messages.append(f"{error} — nothing is withdrawn; {mend}")
            found.whole = False
    return found


def _excel(config: Config, source: ExcelSource) -> Listing:
    from sheets_sync.sources.excel import Excel

    ignore = [config.outputs.folder] if config.outputs.folder else []
    listing = Excel(source.path, ignore=[*ignore, config.store]).list()
    root = f"{source.path.as_posix().rstrip('/')}/"
    refs = [ref._replace(path=ref.path.removeprefix(root)) for ref in listing.workbooks]
    issues = [
        issue._replace(at=issue.at._replace(workbook=issue.at.workbook.removeprefix(root))) for issue in listing.issues
    ]
    return Listing([ref for ref in refs if not _passed_over(ref.path, source.skip)], issues, listing.skipped)


def _google(found: Listed, source: GoogleSource, google: GoogleSide) -> Listing:
    listing = google.list_source(source)
    unlisted = google.unlisted(source)
    found.messages += google.why_unlisted(source)
    if any(not organisation for organisation, _ in unlisted):
        found.whole = False
    found.unlisted += [one for one in unlisted if one[0]]
    return listing


def _add(found: Listed, taken: set[tuple[str, str]], listing: Listing, source: str) -> None:
    """Take in a source's listing; a workbook called like one of another source bears the source's name too."""
    for ref in listing.workbooks:
        path = ref.path
        while (ref.organisation, path) in taken:
            path = f"{source}/{path}"
        taken.add((ref.organisation, path))
        found.listing.workbooks.append(ref._replace(path=path))
    found.listing.issues.extend(listing.issues)
    told = {away for _, away in found.unlisted}
    for issue in listing.issues:
        if issue.severity == "error" and issue.at.workbook not in told:
            found.unlisted.append((issue.at.organisation, issue.at.workbook))


def _passed_over(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(path, pattern) or fnmatch(path.rpartition("/")[2], pattern) for pattern in patterns)
