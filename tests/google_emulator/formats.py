"""Cell formats as Google keeps them: colours in two spellings, single precision, zeros left out."""

import struct
from typing import Any

from .a1 import JsonObject
from .masks import change

WHITE = {"red": 1, "green": 1, "blue": 1}
DEFAULT_FORMAT: JsonObject = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}
_ACCENTS = (
    (0.25882354, 0.52156866, 0.95686275),
    (0.91764706, 0.2627451, 0.20784314),
    (0.9843137, 0.7372549, 0.015686275),
    (0.20392157, 0.65882355, 0.3254902),
    (1, 0.42745098, 0.003921569),
    (0.27450982, 0.7411765, 0.7764706),
)
_COLOURS: list[tuple[str, JsonObject]] = [
    ("TEXT", {}),
    ("BACKGROUND", WHITE),
    *((f"ACCENT{i}", {"red": r, "green": g, "blue": b}) for i, (r, g, b) in enumerate(_ACCENTS, 1)),
    ("LINK", {"red": 0.06666667, "green": 0.33333334, "blue": 0.8}),
]
THEME: JsonObject = {
    "primaryFontFamily": "Arial",
    "themeColors": [{"colorType": kind, "color": {"rgbColor": colour}} for kind, colour in _COLOURS],
}


def single(number: float) -> int | float:
    """A number as single precision shows it: 0.1 stays 0.1, but digits beyond the seventh or so are lost."""
    exact = struct.unpack("f", struct.pack("f", number))[0]
    for digits in range(1, 10):
        short = float(f"{exact:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", exact):
            return int(short) if short.is_integer() else short
    return number


def colour(found: JsonObject) -> JsonObject:
    return {name: single(found[name]) for name in ("red", "green", "blue") if found.get(name)}


def tidy(value: Any) -> Any:
    """A format with both spellings of every colour, whichever of them was given."""
    if isinstance(value, list):
        return [tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    found: JsonObject = {}
    for name, member in value.items():
        if name.endswith("olor") and isinstance(member, dict) and "themeColor" not in member:
            found[name] = colour(member)
            found.setdefault(name + "Style", {"rgbColor": colour(member)})
        elif name.endswith("olorStyle") and isinstance(member, dict):
            if "themeColor" in member:
                found[name] = member
            else:
                found[name] = {"rgbColor": colour(member.get("rgbColor") or {})}
                found[name.removesuffix("Style")] = found[name]["rgbColor"]
        else:
            found[name] = tidy(member)
    return found


def merged(base: JsonObject, over: JsonObject) -> JsonObject:
    """`over` laid on `base`, member by member."""
    found = dict(base)
    for name, member in over.items():
        below = found.get(name)
        found[name] = merged(below, member) if isinstance(below, dict) and isinstance(member, dict) else member
    return found


_TWINS = {
    "backgroundColor": "backgroundColorStyle",
    "foregroundColor": "foregroundColorStyle",
    "tabColor": "tabColorStyle",
}


def twins(tree: Any) -> Any:
    """A mask that names one spelling of a colour means both."""
    if not isinstance(tree, dict):
        return tree
    found = {name: twins(below) for name, below in tree.items()}
    for plain, style in _TWINS.items():
        if plain in found or style in found:
            found[plain] = found[style] = None
    return found


def changed(old: JsonObject | None, new: JsonObject | None, tree: Any) -> JsonObject | None:
    """A cell's format after an update with a mask."""
    return change(old or {}, tidy(new or {}), twins(tree)) or None
