"""The search language of `files.list`: `'ID' in parents and (name contains 'x' or not trashed = true)`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .errors import ApiError, unsupported

JsonObject = dict[str, Any]
Test = Callable[[JsonObject], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<sign><=|>=|!=|=|<|>|\(|\))|(?P<word>[\w.]+))""",
    re.DOTALL,
)
_MEMBERS = ("parents", "owners", "writers", "readers")
_TIMES = ("modifiedTime", "createdTime", "viewedByMeTime", "sharedWithMeTime")


def _bad(query: str) -> ApiError:
    return ApiError(400, "Invalid Value", reason="invalid", location="q")


def parse(query: str) -> Test:
    """A test for a file's JSON."""
    tokens: list[tuple[str, str]] = []
    at = 0
    query = query.strip()
    while at < len(query):
        found = _TOKEN.match(query, at)
        if not found:
            raise _bad(query)
        kind = found.lastgroup or ""
        text = found[kind]
        tokens.append((kind, re.sub(r"\\(.)", r"\1", text[1:-1]) if kind == "text" else text))
        at = found.end()
    if not tokens:
        return lambda file: True
    reading = _Reading(query, tokens)
    test = reading.either()
    if reading.at != len(tokens):
        raise _bad(query)
    return test


class _Reading:
    def __init__(self, query: str, tokens: list[tuple[str, str]]) -> None:
        self.query = query
        self.tokens = tokens
        self.at = 0

    def word(self, *wanted: str) -> bool:
        if self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind != "text" and text.lower() in wanted:
                self.at += 1
                return True
        return False

    def take(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise _bad(self.query)
        self.at += 1
        return self.tokens[self.at - 1]

    def either(self) -> Test:
        tests = [self.both()]
        while self.word("or"):
            tests.append(self.both())
        return tests[0] if len(tests) == 1 else lambda file: any(test(file) for test in tests)

    def both(self) -> Test:
        tests = [self.single()]
        while self.word("and"):
            tests.append(self.single())
        return tests[0] if len(tests) == 1 else lambda file: all(test(file) for test in tests)

    def single(self) -> Test:
        if self.word("not"):
            test = self.single()
            return lambda file: not test(file)
        if self.word("("):
            test = self.either()
            if not self.word(")"):
                raise _bad(self.query)
            return test
        kind, left = self.take()
        if kind == "text":
            if not self.word("in"):
                raise _bad(self.query)
            return self.member(self.take()[1], left)
        if left == "sharedWithMe" and not (self.at < len(self.tokens) and self.tokens[self.at][1] == "="):
            return lambda file: not file.get("ownedByMe", False)
        operation = self.take()[1].lower()
        right_kind, right = self.take()
        if right_kind == "sign":
            raise _bad(self.query)
        if operation == "in":
            return self.member(left, right)
        return self.compare(left, operation, right, right_kind)

    def member(self, name: str, value: str) -> Test:
        if name == "parents":
            return lambda file: (
                value in file.get("parents", []) or (value == "root" and "root" in file.get("_roots", ()))
            )
        if name in _MEMBERS:
            roles = {"owners": ("owner",), "writers": ("owner", "organizer", "fileOrganizer", "writer")}.get(name)
            return lambda file: any(
                p.get("emailAddress") == value and (roles is None or p["role"] in roles) for p in file["_permissions"]
            )
        raise _bad(self.query)

    def compare(self, name: str, operation: str, value: str, kind: str) -> Test:
        if name in ("name", "title", "mimeType", "fullText") and kind == "text":
            member = {"title": "name", "fullText": "name"}.get(name, name)
            folded = value.casefold()
            if operation == "contains":
                if member == "mimeType":
                    return lambda file: folded in file[member].casefold()
                # words are found by their beginnings
                return lambda file: bool(re.search(rf"(?<!\w){re.escape(folded)}", file[member].casefold()))
            if operation in ("=", "!="):
                return lambda file: (file[member].casefold() == folded) == (operation == "=")
        elif name in ("trashed", "starred", "sharedWithMe") and operation in ("=", "!=") and value in ("true", "false"):
            wanted = (value == "true") == (operation == "=")
            return lambda file: bool(file.get(name, False)) == wanted
        elif name in _TIMES and operation in ("=", "!=", "<", "<=", ">", ">="):
            moment = _moment(value, self.query)
            tests: dict[str, Callable[[datetime], bool]] = {
                "=": lambda t: t == moment,
                "!=": lambda t: t != moment,
                "<": lambda t: t < moment,
                "<=": lambda t: t <= moment,
                ">": lambda t: t > moment,
                ">=": lambda t: t >= moment,
            }
            return lambda file: name in file and tests[operation](_moment(file[name], self.query))
        elif name in ("properties", "appProperties", "visibility", "shortcutDetails.targetId"):
            raise unsupported(f"searching files by {name}")
        raise _bad(self.query)


def _moment(text: str, query: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _bad(query) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
