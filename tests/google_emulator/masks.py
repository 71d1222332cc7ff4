"""Field masks: `a,b(c,d.e)`, with `.` or `/` between names; read from answers, and used to change objects."""

import re
from typing import Any

from .errors import violation

Tree = dict[str, Any]  # name → inner Tree, or None: everything below


def parse(mask: str) -> Tree | None:
    """The tree of a mask; None means everything (an empty mask or `*`)."""
    tokens = re.findall(r"[^,()/.\s]+|[,()/.]", mask)
    tree: Tree = {}
    position = _parse_list(tokens, 0, tree)
    if position != len(tokens):
        raise violation("fields", f"Invalid field selection {mask}")
    return None if not tree or "*" in tree else tree


def _parse_list(tokens: list[str], at: int, tree: Tree) -> int:
    """Read `path,path,…` up to a closing parenthesis into `tree`."""
    while at < len(tokens):
        if tokens[at] in ",()/.":
            if tokens[at] == ")":
                return at
            at += 1
            continue
        here, name = tree, tokens[at]
        at += 1
        while at < len(tokens) and tokens[at] in "./":
            here = _open(here, name)
            if at + 1 >= len(tokens):
                raise violation("fields", "Invalid field selection: a name is missing at the end")
            name = tokens[at + 1]
            at += 2
        if at < len(tokens) and tokens[at] == "(":
            at = _parse_list(tokens, at + 1, _open(here, name))
            if at >= len(tokens) or tokens[at] != ")":
                raise violation("fields", "Invalid field selection: a parenthesis is not closed")
            at += 1
        else:
            here[name] = None
    return at


def _open(tree: Tree, name: str) -> Tree:
    """The subtree of a name, which stays «everything» when that was asked for already."""
    if name in tree and tree[name] is None:
        return {}
    inner = tree.setdefault(name, {})
    return inner if isinstance(inner, dict) else {}


def inner(tree: Tree | None, name: str) -> tuple[bool, Tree | None]:
    """Is a member wanted, and which parts of it."""
    if tree is None or "*" in tree:
        return True, None
    if name not in tree:
        return False, None
    below = tree[name]
    return True, None if below is not None and "*" in below else below


def select(value: Any, tree: Tree | None) -> Any:
    """What of a JSON value a mask lets through."""
    if tree is None or "*" in tree:
        return value
    if isinstance(value, list):
        return [select(item, tree) for item in value]
    if isinstance(value, dict):
        return {name: select(value[name], below) for name, below in tree.items() if name in value}
    return value


def change(old: dict[str, Any], new: dict[str, Any], tree: Tree | None) -> dict[str, Any]:
    """`old` with the masked members taken from `new`; a masked member that `new` lacks is removed."""
    if tree is None:
        return dict(new)
    changed = dict(old)
    for name, below in tree.items():
        if below is None:
            if name in new:
                changed[name] = new[name]
            else:
                changed.pop(name, None)
        else:
            old_inner, new_inner = changed.get(name), new.get(name)
            merged = change(
                old_inner if isinstance(old_inner, dict) else {},
                new_inner if isinstance(new_inner, dict) else {},
                below,
            )
            if merged:
                changed[name] = merged
            else:
                changed.pop(name, None)
    return changed
