"""Bounds: how much of a file is taken in before it is refused. Each refusal is an issue of the workbook."""

from __future__ import annotations

from dataclasses import dataclass

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """``expansion`` is the ratio of inflated to packed size; ``cells`` counts the rectangles the values span."""

    file_bytes: int = 200 * _MEGABYTE
    unpacked_bytes: int = 512 * _MEGABYTE
    expansion: float = 200
    cells: int = 20_000_000  # of all sheets of a workbook together

    @classmethod
    def of(cls, *, file_mb: float, unpacked_mb: float, expansion: float, cells: int) -> Bounds:
        """Bounds as a configuration states them, in megabytes."""
        return cls(int(file_mb * _MEGABYTE), int(unpacked_mb * _MEGABYTE), expansion, cells)


STANDARD = Bounds()
