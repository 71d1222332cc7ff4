"""What changed since the last run, told without opening the store: a small JSON record beside it.

It holds every workbook's fingerprint, the last runs and the run in progress. The store is the truth: a lost or torn
record is made again from it. Only the standard library is used, so that a run with nothing to do ends at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

FORMAT = 1
RUNS_KEPT = 50


class Fingerprint(NamedTuple):
    """What tells whether a workbook changed: size and time first, the content's hash where these differ.

    ``definitions`` is the version of the definitions it was read with; ``mtime_ns`` counts nanoseconds.
    """

    size: int
    mtime_ns: int
    sha256: str
    definitions: str
    readable: bool = True


@dataclass(slots=True)
class State:
    """The record. ``workbooks`` is organisation → workbook → fingerprint; ``runs`` has the newest first."""

    workbooks: dict[str, dict[str, Fingerprint]] = field(default_factory=dict)
    definitions: str = ""
    as_of: str = ""  # date the rules last looked from, ISO
    runs: list[dict[str, Any]] = field(default_factory=list)
    in_progress: dict[str, Any] | None = None  # {"verb", "started", "pid", "done", "of"}
    more: dict[str, Any] = field(default_factory=dict)  # what other rooms keep here: fingerprints of outputs, settings

    def fingerprint(self, organisation: str, workbook: str) -> Fingerprint | None:
        """Fingerprint of a workbook that was read before, else None."""
        return self.workbooks.get(organisation, {}).get(workbook)

    def unchanged(self, organisation: str, workbook: str, size: int, mtime_ns: int, definitions: str) -> bool:
        """True if size, time and definitions are those of the last reading: the file need not be opened."""
        known = self.fingerprint(organisation, workbook)
        return (
            known is not None and known.size == size and known.mtime_ns == mtime_ns and known.definitions == definitions
        )

    def record(self, organisation: str, workbook: str, fingerprint: Fingerprint) -> None:
        """Remember a workbook as read."""
        self.workbooks.setdefault(organisation, {})[workbook] = fingerprint

    def forget(self, organisation: str, workbook: str) -> None:
        """Forget a workbook that is gone."""
        known = self.workbooks.get(organisation)
        if known is not None:
            known.pop(workbook, None)
            if not known:
                del self.workbooks[organisation]

    def gone(self, present: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Workbooks that are known and no longer present, sorted."""
        there = set(present)
        known = ((organisation, name) for organisation, names in self.workbooks.items() for name in names)
        return sorted(key for key in known if key not in there)

    def finish_run(self, run: Mapping[str, Any]) -> None:
        """Put a finished run first among the last runs; none is in progress any more."""
        self.runs = [dict(run), *self.runs][:RUNS_KEPT]
        self.in_progress = None

    def note_report(self, period: str, organisation: str, started: str) -> None:
        """Remember when the reports of a period were last made: of an organisation, or "" for the district's set."""
        made = self.more.setdefault("reports", {}).setdefault(period, {})
        made[organisation] = max(started, made.get(organisation, ""))

    def last_run(self, verb: str | None = None, outcome: str | None = None) -> dict[str, Any] | None:
        """The newest run, of a verb and with an outcome if these are given."""
        for run in self.runs:
            if (verb is None or run.get("verb") == verb) and (outcome is None or run.get("outcome") == outcome):
                return run
        return None


def load(path: Path) -> State | None:
    """The record at ``path``; None when it is not there or cannot be used, and is to be made again from the store."""
    try:
        raw = json.loads(path.read_bytes())
        if raw["version"] != FORMAT:
            return None
        workbooks = {
            str(organisation): {str(name): Fingerprint(*values) for name, values in names.items()}
            for organisation, names in raw["workbooks"].items()
        }
        return State(
            workbooks,
            str(raw["definitions"]),
            str(raw["as_of"]),
            list(raw["runs"]),
            raw["in_progress"],
            dict(raw.get("more", {})),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(state: State, path: Path) -> None:
    """Write the record; a reader sees the old one or the new one, never a part. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "version": FORMAT,
            "definitions": state.definitions,
            "as_of": state.as_of,
            "in_progress": state.in_progress,
            "runs": state.runs,
            "more": state.more,
            "workbooks": state.workbooks,
        },
        ensure_ascii=False,
        default=str,
        indent=0,
    )
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with new.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def rebuilt(workbooks: Sequence[Sequence[Any]], runs: Sequence[Mapping[str, Any]] = ()) -> State:
    """The record made again from the store's lines: ``Store.workbooks()`` and ``Store.last_runs()``."""
    state = State(runs=[dict(run) for run in runs][:RUNS_KEPT])
    versions = set()
    for organisation, workbook, _locator, size, mtime_ns, sha256, definitions, _read_at, readable in workbooks:
        state.record(organisation, workbook, Fingerprint(size, mtime_ns, sha256, definitions, readable))
        versions.add(definitions)
    state.definitions = versions.pop() if len(versions) == 1 else ""
    return state
