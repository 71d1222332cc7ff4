"""The CRC-32 of bytes put together from parts whose own are known: no byte is looked at again.

The remainder of a message with zeros behind it is its own times x^(8·zeros), modulo the polynomial of CRC-32; and
remainders of messages of one length add up. A number holds coefficients as CRC-32 does: x⁰ is its highest bit.
"""

from __future__ import annotations

from functools import cache

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


def joined(first: int, second: int, length: int) -> int:
    """CRC-32 of two parts, one behind the other; the second is so many bytes long."""
    place = 0
    while length and first:
        if digit := length & 15:
            low, second_byte, third_byte, high = _tables(digit, place)
            first = low[first & 255] ^ second_byte[first >> 8 & 255] ^ third_byte[first >> 16 & 255] ^ high[first >> 24]
        length, place = length >> 4, place + 1
    return first ^ second


@cache
def _tables(digit: int, place: int) -> tuple[list[int], ...]:
    """What each byte of a remainder, lowest first, becomes by digit·16^place zeros."""
    power = _ONE
    for _ in range(digit):
        power = _times(_power(place), power)
    of_bits = [power]  # of the highest bit, then of the next lower ones
    for _ in range(31):
        of_bits.append(_by_x(of_bits[-1]))
    of_bits.reverse()
    tables = []
    for start in range(0, 32, 8):
        table = [0]
        for of_bit in of_bits[start : start + 8]:
            table += [of_bit ^ other for other in table]
        tables.append(table)
    return tuple(tables)


@cache
def _power(place: int) -> int:
    """x^(8·16^place)."""
    power = _power(place - 1) if place else _ONE >> 8
    for _ in range(4 if place else 0):
        power = _times(power, power)
    return power


def _times(one: int, other: int) -> int:
    product = 0
    while one:
        if one & _ONE:
            product ^= other
        one, other = (one << 1) & 0xFFFFFFFF, _by_x(other)
    return product


def _by_x(one: int) -> int:
    return (one >> 1) ^ _POLYNOMIAL if one & 1 else one >> 1
