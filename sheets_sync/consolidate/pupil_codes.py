"""Codes that stand for pupils outside their school: given once, kept in a file beside the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from sheets_sync.errors import SourceError


class PupilCodes:
    """Stable codes of pupils, «ОО-014»: a person keeps the number once given, whatever rows move or schools join.

    Which code is whom is personal data: the file stays on the district's own machine, beside the store.
    """

    def __init__(self, numbers: Mapping[str, int] | None = None) -> None:
        self._numbers = dict(numbers or {})
        self._next = max(self._numbers.values(), default=0) + 1
        self._read_from: Path | None = None
        self._read = 0  # how many that file holds

    @classmethod
    def load(cls, path: Path) -> PupilCodes:
        """Codes given so far; none when there is no file. Raises SourceError for a file that cannot be read."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            codes = cls({str(key): int(number) for key, number in told["codes"].items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise SourceError(
                f"the register of pupils' codes cannot be read ({type(error).__name__}): restore it from a copy, or "
                "remove it to number everyone anew",
                path=path,
            ) from None
        codes._read_from, codes._read = path, len(codes)
        return codes

    def save(self, path: Path) -> None:
        """Keep the codes, the file whole or as it was; a file they were read from that lacks none is left alone."""
        if path == self._read_from and len(self) == self._read:
            return  # it holds them: numbers are given, never taken back
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        # A line each, for those who compare files; ``indent`` would say the same at a tenth of the speed.
        codes = json.dumps(dict(sorted(self._numbers.items())), ensure_ascii=False, separators=(",\n", ": "))
        lines = f"{{\n{codes[1:-1]}\n}}" if self._numbers else "{}"
        beside.write_text(f'{{\n"version": 1,\n"codes": {lines}\n}}', encoding="utf-8")
        beside.replace(path)

    def assign(self, person_keys: Iterable[str]) -> None:
        """Number those who have no code yet. The order of files does not matter, nor do numbers follow the alphabet."""
        for key in sorted(set(person_keys) - self._numbers.keys(), key=_scattered):
            self._numbers[key] = self._next
            self._next += 1

    def of(self, person_key: str) -> str:
        """«ОО-014». The person has been :meth:`assign`-ed."""
        return f"ОО-{self._numbers[person_key]:03d}"

    def __len__(self) -> int:
        return len(self._numbers)


def _scattered(key: str) -> tuple[str, str]:
    return hashlib.sha256(key.encode()).hexdigest(), key
