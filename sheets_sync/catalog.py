"""A definition's file by name: the district's own first, then the shipped one.

Definitions are text: ``schemas/`` (tables, and in its folders ``rules``, ``relations``, ``messages``) and ``reports/``
(notes, and in ``indicators`` the figures). A district's folder beside its config shadows shipped files of one name.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sheets_sync.errors import ConfigError

PACKAGE = Path(__file__).resolve().parent
# kind of definition → its folder below the shipped ones, below the district's
KINDS = {
    "schemas": "schemas",
    "rules": "schemas/rules",
    "relations": "schemas/relations",
    "messages": "schemas/messages",
    "reports": "reports",
    "indicators": "reports/indicators",
}


def shipped(kind: str) -> Path:
    """Folder of shipped definitions of a kind: inside a wheel, or beside the code in a checkout (style.md §4)."""
    folder = _folder(kind)
    bundled = PACKAGE / "_shipped" / folder
    return bundled if bundled.is_dir() else PACKAGE.parent / folder


def _folder(kind: str) -> str:
    try:
        return KINDS[kind]
    except KeyError:
        mend = f"one of {', '.join(KINDS)}"
        raise ConfigError(f"there is no kind of definition called “{kind}”", mend=mend) from None


class Catalog:
    """Finds definitions by name.

    ``local`` is the folder of the config, which may hold ``schemas`` and ``reports`` of the district; ``schemas`` is
    one more folder of schemas, going before both (``check --schemas DIR``).
    """

    def __init__(self, local: Path | None = None, *, schemas: Path | None = None) -> None:
        if schemas is not None and not schemas.is_dir():
            mend = "give a folder with *.toml files"
            raise ConfigError("the folder of schemas does not exist", path=schemas, mend=mend)
        self.local = local
        self.schemas = schemas

    def folders(self, kind: str) -> list[Path]:
        """Existing folders of a kind, the one that wins first; the shipped one last."""
        found: list[Path] = []
        within = _folder(kind).split("/")
        if self.schemas is not None and within[0] == "schemas":
            found.append(self.schemas.joinpath(*within[1:]))
        if self.local is not None:
            found.append(self.local.joinpath(*within))
        unique = dict.fromkeys(folder.resolve() for folder in (*found, shipped(kind)) if folder.is_dir())
        return list(unique)

    def files(self, kind: str, suffix: str = ".toml") -> dict[str, Path]:
        """Every definition of a kind by name (the file's name without the suffix), in the order of names."""
        return files_in(self.folders(kind), suffix)

    def find(self, kind: str, name: str, suffix: str = ".toml") -> Path:
        """The file of one definition. Raises ConfigError, with the name that may have been meant, if there is none."""
        for folder in self.folders(kind):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                return path
        known = self.files(kind, suffix)
        place = next(iter(self.folders(kind)), None)
        raise ConfigError(
            f"there is no {name}{suffix} among the {kind}", path=place, mend=did_you_mean(name, list(known))
        )


def files_in(folders: Sequence[Path], suffix: str = ".toml") -> dict[str, Path]:
    """Files by name, those of earlier folders winning, in the order of names; hidden files are no definitions."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob(f"*{suffix}")):
            if path.is_file() and not path.name.startswith((".", "~")):
                found.setdefault(path.name.removesuffix(suffix), path)
    return dict(sorted(found.items()))


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """«did you mean “pairs”?», or the list of what is known when nothing is near (or there is nothing at all: "")."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    if near:
        return f"did you mean “{near[0]}”?"
    return f"one of {', '.join(known)}" if known else ""


def meant(word: str, known: Sequence[str], shown: int = 12) -> str:
    """«did you mean “school-4”? there are …»: what is near, and what there is, as far as one line bears."""
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    listed = f"one of {', '.join(known[:shown])}" + (f" and {len(known) - shown} more" if len(known) > shown else "")
    return f"did you mean “{folded[near[0]]}”? {listed}" if near else listed
