"""`aliases`: the headings worth settling in the config, proposed from all workbooks read; nothing is written."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.issues import Issue
from sheets_sync.recognise.guesses import Guess, give_fields, together
from sheets_sync.recognise.unsettled import Unsettled, people_named, unsettled
from sheets_sync.run.google import GoogleSide, fetch_all
from sheets_sync.run.progress import Progress, silent
from sheets_sync.run.reading import bounds_of, definitions_of
from sheets_sync.text import heading_key

if TYPE_CHECKING:
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.sources import WorkbookRef
    from sheets_sync.sources.bounds import Bounds
    from sheets_sync.table_schema.model import Definitions, TableSchema

LEAST = 0.6  # what is less sure is not proposed
HIGH, MEDIUM = 0.8, 0.7
_UNDECIDED = 0.05  # two fields closer than this, and neither said in words: nobody could choose
_WORDED = 0.5
_AGREEING = 0.7  # share of a heading's columns that must mean the same field
BY_REFERENCE, BY_USAGE, BY_SCHOOL = 0.7, 0.7, 0.1
_NAMED_NOWHERE = 0.5  # what is left of a guess that refers to a base in which hardly anybody of the column is


@dataclass(frozen=True, slots=True)
class Proposal:
    """A heading to settle. ``organisation`` "": for all, else for that one alone; ``organisations`` are those whose
    workbooks have it. ``status``: ignored | near | words | contents | sheet. ``places``: «path, Sheet!C5»."""

    table: str
    heading: str
    field: str
    organisation: str
    organisations: tuple[str, ...]
    workbooks: int
    columns: int
    cells: int
    confidence: float
    status: str
    reasons: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def level(self) -> str:
        return "high" if self.confidence >= HIGH else "medium" if self.confidence >= MEDIUM else "low"


@dataclass(frozen=True, slots=True)
class Own:
    """A column nobody needs to settle: a school's own, or one whose meaning cannot be told."""

    table: str
    heading: str
    organisations: tuple[str, ...]
    columns: int
    cells: int
    why: str


@dataclass(slots=True)
class AliasesResult:
    """What to settle, most cells first; what is left alone; how much was read, and what could not be."""

    proposals: list[Proposal] = field(default_factory=list)
    own: list[Own] = field(default_factory=list)
    workbooks: int = 0
    tables: int = 0
    troubles: list[str] = field(default_factory=list)


class _Found(NamedTuple):
    """What one workbook leaves open. ``people``: table → keys of the persons in its base."""

    ref: WorkbookRef
    trouble: str
    tables: int
    columns: list[Unsettled]
    people: dict[str, frozenset[str]]


class _Plan(NamedTuple):
    definitions: Definitions
    as_of: date
    bounds: Bounds


_plan: _Plan | None = None


def prepare(plan: _Plan) -> None:
    """Make this process ready to read headings: called once in every worker."""
    global _plan
    _plan = plan


def read_headings(ref: WorkbookRef) -> _Found:
    """Open one workbook and say which of its headings could be settled; cells are looked at, none is kept."""
    from sheets_sync.recognise import heading_index, recognise
    from sheets_sync.sources.excel import read_workbook

    if _plan is None:
        raise RuntimeError("prepare has not run in this process")
    workbook = read_workbook(ref, _plan.bounds)
    broken = [one for one in workbook.issues if one.code.startswith("file-") and one.severity == "error"]
    index = heading_index(_plan.definitions, ref.organisation)
    columns: list[Unsettled] = []
    people: defaultdict[str, set[str]] = defaultdict(set)
    tables = 0
    for grid in workbook.grids:
        found = recognise(grid, _plan.definitions, ref.organisation, ref.path)
        tables += len(found.tables)
        columns += unsettled(grid, found, index, _plan.as_of)
        for table in found.tables:
            if table.name in _bases(_plan.definitions):
                people[table.name] |= people_named(table.values.get("full_name", ()))
    said = _said(broken[0]) if broken else ""
    return _Found(ref, said, tables, columns, {name: frozenset(keys) for name, keys in people.items()})


def _said(issue: Issue) -> str:
    return f"{issue.at.workbook}: {issue.code}" + (f" ({issue.at.sheet})" if issue.at.sheet else "")


def _bases(definitions: Definitions) -> set[str]:
    keys = [key for schema in definitions.schemas.values() for key in schema.foreign_keys]
    return {key.table for key in keys if key.reference == "full_name"}


def propose_aliases(
    paths: Sequence[Path] = (),
    *,
    config: Config | None = None,
    catalog: Catalog | None = None,
    as_of: date,
    progress: Progress = silent,
) -> AliasesResult:
    """Read the paths, or the config's sources if there are none, and propose the headings worth settling.

    Raises SourceError for a path that does not exist, ConfigError for a definition or a settled heading that cannot be
    used.
    """
    from sheets_sync.catalog import Catalog
    from sheets_sync.config import Config
    from sheets_sync.engine import Engine, Failed

    config = config or Config()
    definitions = definitions_of(config, catalog or Catalog(config.folder if config.path else None))
    result = AliasesResult()
    bounds = bounds_of(config.limits)
    google = GoogleSide(config, bounds)
    listed = _refs(paths, config, google, result)
    plan = _Plan(definitions, as_of, bounds)
    found: list[_Found] = []
    with (
        tempfile.TemporaryDirectory(prefix="sheets-sync-") as scratch,
        Engine(
            config.engine.workers, initializer=prepare, initargs=(plan,), time_limit=config.limits.seconds_per_workbook
        ) as engine,
    ):
        refs = _at_hand(listed, google, Path(scratch), progress, result)
        read = engine.map(read_headings, refs, progress=lambda done, total: progress("reading", done, total))
        for ref, one in zip(refs, read, strict=True):
            if isinstance(one, Failed):
                result.troubles.append(f"{ref.path}: {one.reason}")
                continue
            if one.trouble:
                result.troubles.append(one.trouble)
            found.append(one)
    result.workbooks = len(found)
    result.tables = sum(one.tables for one in found)
    _Proposing(definitions, found).fill(result)
    return result


def _at_hand(
    refs: Sequence[WorkbookRef], google: GoogleSide, scratch: Path, progress: Progress, result: AliasesResult
) -> list[WorkbookRef]:
    """The workbooks as files that can be read; what Google did not give is told."""
    fetched = fetch_all(refs, google, scratch, progress)
    result.troubles += [
        f"{ref.path}: {why}" for ref in refs if isinstance(why := fetched.get(ref.locator), SourceError)
    ]
    places = [(ref, fetched.get(ref.locator, ref.locator)) for ref in refs]
    return [ref._replace(locator=str(place)) for ref, place in places if not isinstance(place, SourceError)]


def _refs(paths: Sequence[Path], config: Config, google: GoogleSide, result: AliasesResult) -> list[WorkbookRef]:
    from sheets_sync.sources.excel import Excel

    kept: dict[str, WorkbookRef] = {}
    for path in paths:
        kept |= {ref.locator: ref for ref in Excel(path).list().workbooks}
    if paths:
        return list(kept.values())
    written = [config.outputs.folder] if config.outputs.folder else []
    for source in config.sources:
        if source.kind != "excel":
            try:
                kept |= {ref.locator: ref for ref in google.list_source(source).workbooks}
                result.troubles += google.why_unlisted(source)
            except SourceError as error:
                result.troubles.append(str(error))
            continue
        for ref in Excel(source.path, ignore=[*written, config.store]).list().workbooks:
            if not any(ref.path.endswith(name) or Path(ref.path).match(name) for name in source.skip):
                kept[ref.locator] = ref
    return list(kept.values())


class _Column(NamedTuple):
    """An unsettled column and whose it is."""

    ref: WorkbookRef
    one: Unsettled


class _Proposing:
    """Brings together what all workbooks leave open."""

    def __init__(self, definitions: Definitions, found: Sequence[_Found]) -> None:
        self.definitions = definitions
        self.people: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for one in found:
            for table, keys in one.people.items():
                self.people[one.ref.organisation, table] |= keys
        # (table, key of the heading) → organisations whose config settles it ("" = all), by field
        self.settled: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for scope, tables in definitions.aliases.items():
            for table, headings in tables.items():
                for heading, name in headings.items():
                    self.settled[table, heading_key(heading)].setdefault(name, scope)
        self.columns = [_Column(one.ref, self._weighed(one.ref, column)) for one in found for column in one.columns]

    def fill(self, result: AliasesResult) -> None:
        chosen = self._chosen()
        groups: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, column in enumerate(self.columns):
            groups[column.one.table, heading_key(column.one.heading)].append(place)
        for places in groups.values():
            proposals, why = self._proposals(places, chosen)
            result.proposals += proposals
            left = [self.columns[place] for place in places if not self.columns[place].one.taken]
            if not proposals and left:
                result.own.append(self._own(left, why))
        result.proposals.sort(key=lambda one: (-one.cells, one.table, one.heading, one.organisation))
        result.own.sort(key=lambda one: (-one.cells, one.table, one.heading))

    def _weighed(self, ref: WorkbookRef, column: Unsettled) -> Unsettled:
        """The column's guesses, weighed by what other schools settled and by who is in the organisation's bases."""
        schema = self.definitions.schemas[column.table]
        elsewhere = self.settled.get((column.table, heading_key(column.heading)), {})
        guesses = []
        for guess in column.guesses:
            evidence = [guess.confidence, BY_USAGE if guess.field in elsewhere else 0.0]
            share = self._share_known(ref.organisation, schema, guess.field, column.names)
            if share is not None:
                evidence.append(BY_REFERENCE * share if share >= 0.5 else 0.0)
            confidence = together(*evidence)
            if share is not None and share < 0.1:
                confidence *= _NAMED_NOWHERE
            guesses.append(replace(guess, confidence=round(confidence, 3)))
        return replace(column, guesses=tuple(sorted(guesses, key=lambda one: -one.confidence)))

    def _share_known(self, organisation: str, schema: TableSchema, name: str, names: frozenset[str]) -> float | None:
        """Share of the persons named who are in the base the field refers to; None if nothing can be said."""
        for key in schema.foreign_keys:
            base = self.people.get((organisation, key.table))
            if key.field == name and key.reference == "full_name" and names and base:
                return len(names & base) / len(names)
        return None

    def _chosen(self) -> dict[int, Guess]:
        """Place of a column → the field it gets, every field once in a table; undecided ones get none."""
        tables: defaultdict[tuple[str, str, str, int], list[int]] = defaultdict(list)
        for place, column in enumerate(self.columns):
            tables[column.ref.locator, column.one.sheet, column.one.table, column.one.row].append(place)
        chosen: dict[int, Guess] = {}
        for places in tables.values():
            found = give_fields({place: self.columns[place].one.guesses for place in places}, LEAST)
            for place, guess in found.items():
                rivals = [
                    one
                    for one in self.columns[place].one.guesses
                    if one.field != guess.field and one.confidence > guess.confidence - _UNDECIDED
                ]
                if not rivals or guess.wording >= max(_WORDED, *(one.wording + _UNDECIDED for one in rivals)):
                    chosen[place] = guess
        return chosen

    def _proposals(self, places: Sequence[int], chosen: Mapping[int, Guess]) -> tuple[list[Proposal], str]:
        """What to settle for one heading of one table: once for all if several schools have it, else for the one."""
        wanted = Counter[str]()
        for place in places:
            if place in chosen:
                wanted[chosen[place].field] += self.columns[place].one.cells
        if not wanted:
            return [], self._doubt(places)
        name = wanted.most_common(1)[0][0]
        agreeing = [place for place in places if place in chosen and chosen[place].field == name]
        if len(agreeing) < _AGREEING * len(places) or wanted[name] < _AGREEING * wanted.total():
            return [], "in other tables it means another field, or the field has a column there"
        unsafe = {self.columns[place].ref.organisation for place in places if name in self.columns[place].one.closed}
        agreeing = [place for place in agreeing if self.columns[place].ref.organisation not in unsafe]
        if not agreeing:
            return [], f"{name} has a column of its own in another table"
        organisations = sorted({self.columns[place].ref.organisation for place in agreeing})
        if len(organisations) > 1 and not unsafe:
            return [self._proposal(agreeing, name, chosen, "", len(organisations))], ""
        return [
            self._proposal(
                [place for place in agreeing if self.columns[place].ref.organisation == organisation],
                *(name, chosen, organisation, len(organisations)),
            )
            for organisation in organisations
        ], ""

    def _doubt(self, places: Sequence[int]) -> str:
        """Why nothing is proposed: nothing fits, two fields fit as well, or one that is not sure enough."""
        every = [self.columns[place].one.guesses for place in places]
        guesses = max(every, key=lambda ones: ones[0].confidence if ones else 0.0)
        likely = [one for one in guesses if one.confidence >= max(0.4, guesses[0].confidence - _UNDECIDED)]
        if not likely:
            return "no field fits its name, its place and its cells"
        names = [one.field for one in likely]
        return f"undecided: {' or '.join(names)}" if len(names) > 1 else f"perhaps {names[0]}, but not surely"

    def _proposal(
        self, places: Sequence[int], name: str, chosen: Mapping[int, Guess], scope: str, schools: int
    ) -> Proposal:
        columns = [self.columns[place] for place in places]
        guesses = [chosen[place] for place in places]
        surest = max(zip(guesses, columns, strict=True), key=lambda pair: pair[0].confidence)
        mean = sum(guess.confidence for guess in guesses) / len(guesses)
        spelt = Counter(column.one.heading for column in columns).most_common(1)[0][0]
        statuses = Counter(column.one.how for column in columns)
        # the cells of a sheet are opened by all its headings together: counted once for each of them
        return Proposal(
            columns[0].one.table,
            spelt,
            name,
            scope,
            tuple(sorted({column.ref.organisation for column in columns})),
            len({column.ref.locator for column in columns}),
            len(columns),
            sum(column.one.cells for column in columns),
            round(together(mean, BY_SCHOOL * (schools - 1)), 2),
            statuses.most_common(1)[0][0],
            tuple(self._reasons(*surest, schools)),
            tuple(f"{column.ref.path}, {column.one.sheet}!{column.one.cell}" for column in columns),
        )

    def _reasons(self, guess: Guess, column: _Column, schools: int) -> Iterable[str]:
        schema = self.definitions.schemas[column.one.table]
        if column.one.how == "sheet":
            yield "the sheet is read once its headings are settled"
        if column.one.taken:
            yield f"read so already, by {'a near miss' if column.one.how == 'near' else column.one.how}"
        if guess.wording:
            yield f"worded like «{guess.meant}» ({guess.wording:.2f})"
        if guess.fits is not None:
            yield f"{guess.fits:.0%} of its cells read as {schema.field(guess.field).type}"
        share = self._share_known(column.ref.organisation, schema, guess.field, column.one.names)
        if share is not None and share >= 0.5:
            base = next(key.table for key in schema.foreign_keys if key.field == guess.field)
            yield f"{share:.0%} of its people are in {base}"
        if guess.beside:
            yield f"stands beside {' and '.join(guess.beside)}"
        if guess.needed and not column.one.taken:
            yield "no row can be used without it"
        elsewhere = self.settled.get((column.one.table, heading_key(column.one.heading)), {}).get(guess.field)
        if elsewhere is not None:
            yield f"settled so for {elsewhere or 'all'}"
        if schools > 1:
            yield f"{schools} organisations have it"

    @staticmethod
    def _own(columns: Sequence[_Column], why: str) -> Own:
        organisations = tuple(sorted({column.ref.organisation for column in columns}))
        first = columns[0].one
        cells = sum(column.one.cells for column in columns)
        return Own(first.table, first.heading, organisations, len(columns), cells, why)


def toml_lines(result: AliasesResult, config: Config | None = None) -> list[str]:
    """Lines for config.toml that settle what is proposed: to be pasted at its end; where TOML allows no second section
    of a name, a comment says below which line they go."""
    lines: list[str] = []
    shared: defaultdict[str, list[Proposal]] = defaultdict(list)
    own: defaultdict[str, dict[str, list[Proposal]]] = defaultdict(dict)
    for one in result.proposals:
        if one.organisation:
            own[one.organisation].setdefault(one.table, []).append(one)
        else:
            shared[one.table].append(one)
    there = config.aliases if config else {}
    for table in sorted(shared):
        if table in there and config is not None:
            line = config.alias_lines.get(("", table, ""))
            lines += [f"# below [aliases.{table}]" + (f", line {line} of {config.path}:" if line else ":")]
            lines += [f"# {text}" for text in map(_line, shared[table])]
        else:
            lines += [f"[aliases.{table}]", *map(_line, shared[table])]
        lines.append("")
    for organisation in sorted(own):
        lines += ["[[organisations]]", f"id = {quoted(organisation)}"]
        for table in sorted(own[organisation]):
            lines += [f"[organisations.aliases.{table}]", *map(_line, own[organisation][table])]
        lines.append("")
    return lines[:-1] if lines else lines


def _line(one: Proposal) -> str:
    told = f"{one.level}: {one.cells} cells of {one.workbooks} workbook{'s' if one.workbooks > 1 else ''}"
    told += {"ignored": ", not read so far", "sheet": ", a sheet not read so far"}.get(one.status, ", read so already")
    return f"{quoted(one.heading)} = {quoted(one.field)}  # {told}"


def quoted(text: str) -> str:
    """A text as TOML writes it: in plain quotes, in single ones if it holds plain quotes itself."""
    text = " ".join(text.split())
    if '"' not in text and "\\" not in text and text.isprintable():
        return f'"{text}"'
    if "'" not in text and text.isprintable():
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\u{ord(one):04X}" for one in escaped) + '"'
