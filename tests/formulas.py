"""The few formulas our books hold, worked out again from the cells of an .xlsx file, by a spreadsheet's rules."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, BinaryIO

TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"]|"")*")|(?P<number>\d+(?:\.\d+)?)
    |(?P<cell>(?:'(?:[^']|'')+'!)?[A-Z]{1,3}\d+(?::[A-Z]{1,3}\d+)?)(?![A-Z(])|(?P<name>[A-Z]+)(?=\()
    |(?P<sign><=|>=|<>|[-+*/&=<>(),]))""",
    re.VERBOSE,
)
Value = Any  # float, str, bool or None for an empty cell


def worked_out(file: Path | BinaryIO) -> dict[tuple[str, str], tuple[str, Value, Value]]:
    """(sheet, cell) of every formula → its text, the value kept beside it and the value it comes to."""
    import openpyxl

    formulas = openpyxl.load_workbook(file)
    if not isinstance(file, Path):
        file.seek(0)
    kept = openpyxl.load_workbook(file, data_only=True)
    book = _Book(formulas)
    return {
        (sheet.title, cell.coordinate): (
            cell.value,
            kept[sheet.title][cell.coordinate].value,
            book.value(sheet.title, cell.coordinate),
        )
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


class _Book:
    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        self.known: dict[tuple[str, str], Value] = {}

    def value(self, sheet: str, cell: str) -> Value:
        key = (sheet, cell)
        if key not in self.known:
            found = self.workbook[sheet][cell]
            if found.data_type == "f":
                parsed = _Parser(self, sheet, found.value[1:])
                result = parsed.compared()
                assert parsed.token is None, f"{found.value}: {parsed.token} is left over"
                self.known[key] = 0 if result is None else result
            else:
                self.known[key] = found.value
        return self.known[key]


class _Parser:
    def __init__(self, book: _Book, sheet: str, text: str) -> None:
        self.book, self.sheet = book, sheet
        self.tokens = [(match.lastgroup, match[match.lastgroup or 0]) for match in TOKEN.finditer(text)]
        assert "".join(token for _, token in self.tokens) == text, f"not understood: {text}"
        self.place = 0

    @property
    def token(self) -> str | None:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else None

    def take(self, *signs: str) -> str | None:
        if self.token in signs and self.tokens[self.place][0] == "sign":
            self.place += 1
            return self.tokens[self.place - 1][1]
        return None

    def compared(self) -> Value:
        left = self.joined()
        while sign := self.take("=", "<>", "<=", ">=", "<", ">"):
            right = self.joined()
            one, other = _rank(left, right), _rank(right, left)
            left = {
                "=": one == other, "<>": one != other, "<": one < other, ">": one > other,
                "<=": one <= other, ">=": one >= other,
            }[sign]  # fmt: skip
        return left

    def joined(self) -> Value:
        left = self.added()
        while self.take("&"):
            left = _text(left) + _text(self.added())
        return left

    def added(self) -> Value:
        left = self.multiplied()
        while sign := self.take("+", "-"):
            right = self.multiplied()
            left = _number(left) + (_number(right) if sign == "+" else -_number(right))
        return left

    def multiplied(self) -> Value:
        left = self.single()
        while sign := self.take("*", "/"):
            right = self.single()
            left = _number(left) * _number(right) if sign == "*" else _number(left) / _number(right)
        return left

    def single(self) -> Value:
        if self.take("("):
            value = self.compared()
            assert self.take(")")
            return value
        kind, token = self.tokens[self.place]
        self.place += 1
        if kind == "text":
            return token[1:-1].replace('""', '"')
        if kind == "number":
            return Decimal(token)
        if kind == "cell":
            values = self.area(token)
            return values[0] if ":" not in token else values
        assert kind == "name", token
        return self.function(token)

    def area(self, token: str) -> list[Value]:
        title, _, cells = token.rpartition("!")
        sheet = title[1:-1].replace("''", "'") if title else self.sheet
        first, _, last = cells.partition(":")
        letters, number = re.match(r"([A-Z]+)(\d+)", first).groups()  # type: ignore[union-attr]
        until = int(re.search(r"\d+", last or first)[0])  # type: ignore[index]
        return [self.book.value(sheet, f"{letters}{row}") for row in range(int(number), until + 1)]

    def function(self, name: str) -> Value:
        assert self.take("(")
        if name == "IF":
            return self.chosen()
        arguments = [self.compared()]
        while self.take(","):
            arguments.append(self.compared())
        assert self.take(")")
        if name == "SUM":
            return sum((_number(one) for one in arguments[0] if not isinstance(one, str)), Decimal(0))
        if name == "N":
            return 0 if isinstance(arguments[0], str) else _number(arguments[0])
        if name == "OR":
            return any(arguments)
        assert name == "ROUND", name
        return _number(arguments[0]).quantize(Decimal(1).scaleb(-int(arguments[1])), rounding=ROUND_HALF_UP)

    def chosen(self) -> Value:
        """IF looks only at the branch it takes: the other may divide by nothing."""
        holds = self.compared()
        assert self.take(",")
        taken: Value = None
        for wanted in (True, False):
            if bool(holds) is wanted:
                taken = self.compared()
            else:
                self.skip()
            assert self.take(",") if wanted else self.take(")")
        return taken

    def skip(self) -> None:
        depth = 0
        while depth or self.token not in (",", ")"):
            kind, token = self.tokens[self.place]
            depth += (token == "(") - (token == ")") if kind == "sign" else 0
            self.place += 1


def _number(value: Value) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _rank(value: Value, other: Value) -> tuple[int, Value]:
    """How a spreadsheet compares: numbers stand before texts; an empty cell is as nothing of the other's kind."""
    if value is None:
        return (1, "") if isinstance(other, str) else (0, Decimal(0))
    return (1, value.casefold()) if isinstance(value, str) else (0, _number(value))


def same(kept: Value, worked: Value) -> bool:
    """Is the value kept the one worked out? An empty text is kept as nothing."""
    if isinstance(worked, str) or isinstance(kept, str):
        return (kept or "") == (worked or "")
    return abs(_number(kept) - _number(worked)) < Decimal("0.0000001")
