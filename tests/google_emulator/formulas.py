"""A small evaluator: arithmetic, comparison, text and the handful of functions that appear in tests.

What it does not know gives #NAME?, as an unknown function does in Google; a formula that came from a file keeps the
value it came with.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from .a1 import parse_cells, split_title
from .errors import ApiError
from .locales import EPOCH, general, locale_of
from .model import ERROR_TEXTS, CellError, Formula, Sheet, Spreadsheet, Value

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    |"(?P<text>(?:[^"]|"")*)"
    |(?P<error>\#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!|ERROR!))
    |(?P<range>(?:'(?:[^']|'')+'!|[^\W\d]\w*!)?\$?[A-Za-z]{1,3}\$?\d+(?::\$?[A-Za-z]{1,3}\$?\d*)?(?![\w(])
        |(?:'(?:[^']|'')+'!|[^\W\d]\w*!)?\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w(]))
    |(?P<name>[^\W\d][\w.]*)
    |(?P<sign><=|>=|<>|[-+*/^&=<>(),;%{}])
    )""",
    re.VERBOSE,
)
NOW: Callable[[], float] = lambda: datetime.now(UTC).timestamp()  # noqa: E731


class _Failure(Exception):
    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(kind)
        self.error = CellError(kind, message)


class Evaluator:
    """Values of cells of one spreadsheet as it is now; formulas are worked out once and remembered."""

    def __init__(self, spreadsheet: Spreadsheet, now: float | None = None) -> None:
        self.spreadsheet = spreadsheet
        self.now = now
        self._known: dict[tuple[int, int, int], Value] = {}
        self._open: set[tuple[int, int, int]] = set()

    def value(self, sheet: Sheet, row: int, column: int) -> Value | None:
        entered = sheet.cell(row, column).entered
        if not isinstance(entered, Formula):
            return entered
        if entered.seeded is not None:
            return entered.seeded
        key = (sheet.id, row, column)
        if key not in self._known:
            if key in self._open:
                return CellError("REF", "Circular dependency detected.")
            self._open.add(key)
            self._known[key] = self._work_out(entered.text, sheet)
            self._open.discard(key)
        return self._known[key]

    def _work_out(self, text: str, sheet: Sheet) -> Value:
        try:
            found = _Reading(text[1:], sheet, self).all()
        except _Failure as failure:
            return failure.error
        except ApiError:
            return CellError("REF", "Unresolved sheet name.")
        except (RecursionError, OverflowError, ValueError):
            return CellError("NUM")
        while isinstance(found, list):
            found = found[0] if found else None
        return 0 if found is None else found


class _Reading:
    """One formula being read: recursive descent, evaluated on the way."""

    def __init__(self, text: str, sheet: Sheet, evaluator: Evaluator) -> None:
        self.sheet = sheet
        self.evaluator = evaluator
        self.tokens: list[tuple[str, str]] = []
        at = 0
        text = text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise _Failure("ERROR", "Formula parse error.")
            kind = found.lastgroup or ""
            self.tokens.append((kind, found[kind]))
            at = found.end()
        self.at = 0

    def all(self) -> Any:
        if not self.tokens:
            raise _Failure("ERROR", "Formula parse error.")
        found = self.comparison()
        if self.at != len(self.tokens):
            raise _Failure("ERROR", "Formula parse error.")
        return found

    def sign(self, *wanted: str) -> str:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "sign" and text in wanted:
                self.at += 1
                return text
        return ""

    def comparison(self) -> Any:
        left = self.joined()
        while operation := self.sign("<=", ">=", "<>", "=", "<", ">"):
            right = self.joined()
            a, b = _comparable(left, right), _comparable(right, left)
            left = {"=": a == b, "<>": a != b, "<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operation]
        return left

    def joined(self) -> Any:
        left = self.total()
        while self.sign("&"):
            left = self.text(left) + self.text(self.total())
        return left

    def total(self) -> Any:
        left = self.product()
        while operation := self.sign("+", "-"):
            a, b = self.number(left), self.number(self.product())
            left = a + b if operation == "+" else a - b
        return left

    def product(self) -> Any:
        left = self.power()
        while operation := self.sign("*", "/"):
            a, b = self.number(left), self.number(self.power())
            if operation == "/" and b == 0:
                raise _Failure("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
            left = a * b if operation == "*" else a / b
        return left

    def power(self) -> Any:
        left = self.single()
        while self.sign("%"):
            left = self.number(left) / 100
        if self.sign("^"):
            return self.number(left) ** self.number(self.power())
        return left

    def single(self) -> Any:
        if self.sign("-"):
            return -self.number(self.power())
        if self.sign("+"):
            return self.number(self.power())
        if self.sign("("):
            found = self.comparison()
            self.close(")")
            return found
        if self.at >= len(self.tokens):
            raise _Failure("ERROR", "Formula parse error.")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            number = float(text)
            return int(number) if number.is_integer() else number
        if kind == "text":
            return text.replace('""', '"')
        if kind == "error":
            raise _Failure(next(k for k, shown in ERROR_TEXTS.items() if shown == text))
        if kind == "range":
            return self.cells(text)
        if kind == "name":
            return self.named(text)
        raise _Failure("ERROR", "Formula parse error.")

    def close(self, mark: str) -> None:
        if not self.sign(mark):
            raise _Failure("ERROR", "Formula parse error.")

    def cells(self, text: str) -> Any:
        title, rest = split_title(text)
        sheet = self.sheet if title is None else self.evaluator.spreadsheet.titled(title)
        box = parse_cells(rest)
        if sheet is None or box is None:
            raise _Failure("REF", "Unresolved sheet name.")
        if ":" not in rest:
            return self._value(sheet, box.top, box.left)
        area = sheet.area(box)
        return [
            [self._value(sheet, row, column) for column in range(area.left, area.right)]
            for row in range(area.top, area.bottom)
        ]

    def _value(self, sheet: Sheet, row: int, column: int) -> Any:
        found = self.evaluator.value(sheet, row, column)
        if isinstance(found, CellError):
            raise _Failure(found.kind, found.message)
        return found

    def named(self, name: str) -> Any:
        upper = name.upper()
        if not self.sign("("):
            if upper in ("TRUE", "FALSE"):
                return upper == "TRUE"
            try:
                sheet, box = self.evaluator.spreadsheet.find(name)
            except ApiError:
                raise _Failure("NAME", f"Unknown range name: '{upper}'.") from None
            area = sheet.area(box)
            return [
                [self._value(sheet, r, c) for c in range(area.left, area.right)] for r in range(area.top, area.bottom)
            ]
        if upper in ("IF", "IFERROR", "IFNA"):
            return self.choice(upper)
        arguments: list[Any] = []
        if not self.sign(")"):
            arguments.append(self.comparison())
            while self.sign(",", ";"):
                arguments.append(self.comparison())
            self.close(")")
        function = getattr(self, "do_" + upper.lower().replace(".", "_"), None)
        if function is None:
            raise _Failure("NAME", f"Unknown function: '{upper}'.")
        return function(*arguments)

    def choice(self, name: str) -> Any:
        """The functions that must not trip over an error in a branch that is not taken."""
        results: list[Any] = []
        while True:
            results.append(self.guarded())
            if not self.sign(",", ";"):
                break
        self.close(")")
        if name == "IF":
            test = results[0]
            if isinstance(test, _Failure):
                raise test
            picked = results[1] if test else results[2] if len(results) > 2 else False
        else:
            first = results[0]
            failed = isinstance(first, _Failure) and (name == "IFERROR" or first.error.kind == "N_A")
            picked = (results[1] if len(results) > 1 else "") if failed else first
        if isinstance(picked, _Failure):
            raise picked
        return picked

    def guarded(self) -> Any:
        start = self.at
        try:
            return self.comparison()
        except _Failure as failure:
            if failure.error.kind == "ERROR":
                raise
            self.at, depth = start, 0
            while self.at < len(self.tokens):
                kind, text = self.tokens[self.at]
                if kind == "sign":
                    if depth == 0 and text in ",;)":
                        break
                    depth += (text == "(") - (text == ")")
                self.at += 1
            return failure

    def number(self, value: Any) -> int | float:
        value = _first(value)
        if value is None or value == "":
            return 0
        if isinstance(value, bool):
            return int(value)
        if isinstance(value, str):
            from .locales import understand

            found = understand(value, locale_of(self.evaluator.spreadsheet.locale)).value
            if isinstance(found, str | bool):
                raise _Failure("VALUE", f"'{value}' is a text and cannot be coerced to a number.")
            return found
        return value  # type: ignore[no-any-return]

    def text(self, value: Any) -> str:
        value = _first(value)
        locale = locale_of(self.evaluator.spreadsheet.locale)
        if value is None:
            return ""
        if isinstance(value, bool):
            return locale.true if value else locale.false
        return value if isinstance(value, str) else general(value, locale)

    # functions, by Google's names
    def do_sum(self, *values: Any) -> Any:
        return sum(_numbers(values))

    def do_average(self, *values: Any) -> Any:
        found = _numbers(values)
        if not found:
            raise _Failure("DIVIDE_BY_ZERO")
        return sum(found) / len(found)

    def do_min(self, *values: Any) -> Any:
        return min(_numbers(values), default=0)

    def do_max(self, *values: Any) -> Any:
        return max(_numbers(values), default=0)

    def do_count(self, *values: Any) -> Any:
        return len(_numbers(values))

    def do_counta(self, *values: Any) -> Any:
        return sum(item is not None for item in _flat(values))

    def do_round(self, value: Any, places: Any = 0) -> Any:
        from decimal import ROUND_HALF_UP, Decimal

        return float(Decimal(repr(self.number(value))).quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP))

    def do_abs(self, value: Any) -> Any:
        return abs(self.number(value))

    def do_not(self, value: Any) -> Any:
        return not value

    def do_and(self, *values: Any) -> Any:
        return all(item for item in _flat(values) if item is not None)

    def do_or(self, *values: Any) -> Any:
        return any(_flat(values))

    def do_true(self) -> Any:
        return True

    def do_false(self) -> Any:
        return False

    def do_len(self, value: Any) -> Any:
        return len(self.text(value))

    def do_upper(self, value: Any) -> Any:
        return self.text(value).upper()

    def do_lower(self, value: Any) -> Any:
        return self.text(value).lower()

    def do_trim(self, value: Any) -> Any:
        return " ".join(self.text(value).split())

    def do_concatenate(self, *values: Any) -> Any:
        return "".join(self.text(item) for item in _flat(values))

    def do_concat(self, left: Any, right: Any) -> Any:
        return self.text(left) + self.text(right)

    def do_na(self) -> Any:
        raise _Failure("N_A")

    def do_n(self, value: Any) -> Any:
        value = _first(value)
        return value if isinstance(value, int | float) else 0

    def do_isblank(self, value: Any) -> Any:
        return _first(value) is None

    def do_hyperlink(self, link: Any, label: Any = None) -> Any:
        return self.text(link if label is None else label)

    def do_image(self, *_: Any) -> Any:
        return ""

    def do_sqrt(self, value: Any) -> Any:
        number = self.number(value)
        if number < 0:
            raise _Failure("NUM")
        return number**0.5

    def do_mod(self, value: Any, by: Any) -> Any:
        if self.number(by) == 0:
            raise _Failure("DIVIDE_BY_ZERO")
        return self.number(value) % self.number(by)

    def do_pi(self) -> Any:
        return 3.141592653589793

    def do_row(self) -> Any:
        raise _Failure("NAME")

    def do_date(self, year: Any, month: Any, day: Any) -> Any:
        years, months = divmod(int(self.number(year)) * 12 + int(self.number(month)) - 1, 12)
        return (date(years, months + 1, 1) - EPOCH.date()).days + int(self.number(day)) - 1

    def do_time(self, hour: Any, minute: Any, second: Any) -> Any:
        return (self.number(hour) * 3600 + self.number(minute) * 60 + self.number(second)) / 86400

    def do_today(self) -> Any:
        return int(self.do_now())

    def do_now(self) -> Any:
        moment = self.evaluator.now if self.evaluator.now is not None else NOW()
        return moment / 86400 + 25569


DATE_FUNCTIONS = {"DATE": "DATE", "TODAY": "DATE", "NOW": "DATE_TIME", "TIME": "TIME"}


def format_of(text: str) -> dict[str, str] | None:
    """The number format a formula's result brings with it."""
    found = re.match(r"=\s*(\w+)\(", text)
    kind = DATE_FUNCTIONS.get(found[1].upper()) if found else None
    return {"type": kind} if kind else None


def _first(value: Any) -> Any:
    while isinstance(value, list):
        value = value[0] if value else None
    return value


def _flat(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        found.extend(_flat(value) if isinstance(value, list) else [value])
    return found


def _numbers(values: Sequence[Any]) -> list[int | float]:
    return [v for v in _flat(values) if isinstance(v, int | float) and not isinstance(v, bool)]


def _comparable(value: Any, other: Any) -> tuple[int, Any]:
    """Numbers come before texts, texts before logical values; an empty cell equals both 0 and the empty text."""
    value = _first(value)
    if value is None:
        return (1, "") if isinstance(_first(other), str) else (0, 0)
    if isinstance(value, bool):
        return (2, value)
    return (1, value.casefold()) if isinstance(value, str) else (0, value)
