"""Counts too small to leave a school, and those that would give them away (design.md §10)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def hidden(counts: Mapping[Key, int], least: int) -> frozenset[Key]:
    """Parts of a whole that is told which are not told: those of 1 … ``least`` - 1, and what would let them be guessed.

    One part alone could be found by subtraction from the whole, several whose sum is small as well: then the next
    smallest part goes with them. A part of 0 hides nobody.
    """
    small = {key for key, count in counts.items() if 0 < count < least}
    others = sorted((count, str(key), key) for key, count in counts.items() if count >= least)
    while small and others and (len(small) == 1 or sum(counts[key] for key in small) < least):
        small.add(others.pop(0)[2])
    return frozenset(small)
