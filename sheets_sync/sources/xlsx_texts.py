"""The texts cells of an .xlsx share (``sharedStrings.xml``), in their order; Irregular where that takes more care."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from sheets_sync.sources.xlsx_cells import BLANKS, Irregular, resolved, unescaped

# How the part of an .xlsx may begin; as bytes too, where it is UTF-8.
DECLARATION = (
    '(?:\ufeff)?(?:<\\?xml version="1\\.0"(?: encoding="[Uu][Tt][Ff]-8")?(?: standalone="(?:yes|no)")?\\s*\\?>)?\\s*'
)
_OPENING = re.compile(DECLARATION + r'<sst(?: [\w:]+="[^"<>&]*")*>\s*', re.ASCII)
_CLOSING = re.compile(r"</sst>\s*")

# A text with nothing to it is «<si><t>…</t></si>», so the part falls apart at what stands between two of them.
_FIRST, _BETWEEN, _LAST = "<si><t", "</t></si><si><t", "</t></si>"
_TAGS = 4
_KEPT = ' xml:space="preserve">'
_OPENINGS = (">", _KEPT)
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def shared_texts(xml: bytes) -> list[str]:
    """All texts of the part. Raises Irregular."""
    try:
        part = xml.decode()
    except UnicodeDecodeError as error:
        raise Irregular("encoding") from error
    opening, end = _OPENING.match(part), part.rfind("</sst>")
    if opening is None or end < opening.end() or _CLOSING.fullmatch(part, end) is None:
        raise Irregular("shared texts")
    body = part[opening.end() : end].rstrip(BLANKS)
    return _mostly_plain(body) if body.startswith(_FIRST) and body.endswith(_LAST) else _formatted(body)


def _mostly_plain(body: str) -> list[str]:
    """Texts of which few have formats."""
    pieces = body[len(_FIRST) : -len(_LAST)].split(_BETWEEN)
    if body.count("<") == _TAGS * len(pieces) == _TAGS * sum(body.count(_FIRST + one) for one in _OPENINGS):
        return _plain(pieces)
    formatted = [i for i, piece in enumerate(pieces) if "<" in piece or not piece.startswith(_OPENINGS)]
    texts: list[str] = []
    start = 0
    for i in formatted:
        texts += _plain(pieces[start:i])
        texts += _formatted(_FIRST + pieces[i] + _LAST)
        start = i + 1
    return texts + _plain(pieces[start:])


def _plain(pieces: list[str]) -> list[str]:
    """Texts without formats, each begun by the end of its tag."""
    whole = "".join(pieces)
    if "&" in whole or "\r" in whole:
        pieces = list(map(resolved, pieces))
    texts = [piece[1:].strip(BLANKS) if piece[0] == ">" else piece[len(_KEPT) :] for piece in pieces]
    return list(map(unescaped, texts)) if "_x" in whole else texts


def _formatted(body: str) -> list[str]:
    """Texts that may have formats within and readings of their signs beside them."""
    if "<!" in body or "<?" in body:
        raise Irregular("shared texts")
    try:
        parsed = ElementTree.fromstring(f"<sst>{body}</sst>")  # noqa: S314 (no declarations, so no entities)
    except ElementTree.ParseError as error:
        raise Irregular("shared texts") from error
    if any(item.tag != "si" or _loose(item) for item in parsed) or _loose(parsed):
        raise Irregular("shared texts")
    return ["".join(_pieces(item)) for item in parsed]


def _pieces(item: ElementTree.Element) -> list[str]:
    """The pieces of one text: its own, or those of its runs."""
    pieces = []
    for element in item:
        if element.tag == "r":
            if any(inner.tag not in ("t", "rPr") for inner in element) or _loose(element):
                raise Irregular("run")
            pieces += [_piece(inner) for inner in element if inner.tag == "t"]
        elif element.tag == "t":
            pieces.append(_piece(element))
        elif element.tag not in ("rPh", "phoneticPr"):
            raise Irregular("shared text")
    return pieces


def _piece(element: ElementTree.Element) -> str:
    if len(element):
        raise Irregular("text")
    text = element.text or ""
    return unescaped(text if element.get(_SPACE) == "preserve" else text.strip(BLANKS))


def _loose(element: ElementTree.Element) -> bool:
    """Whether there is text outside of the elements within this one."""
    return any(text and text.strip() for text in (element.text, *(inner.tail for inner in element)))
