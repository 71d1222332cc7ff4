"""Requests and answers against Google's discovery documents, as google-api-python-client ships them.

`canonical` turns a request's body into what Google's JSON parser makes of it (numbers in strings become numbers, null
is absent) and refuses what that parser refuses. `problems_of_answer` finds where the emulator itself left the schema.
"""

import importlib.util
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import ApiError, violation

JsonObject = dict[str, Any]
# What gspread sends although no document has it, and Google lets pass.
TOLERATED_QUERY = {("drive.files.get", "includeItemsFromAllDrives")}
TOLERATED_BODY = {("drive.permissions.create", "withLink")}
JSON_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
}  # fmt: skip


@cache
def documents() -> dict[str, JsonObject]:
    """The discovery documents of Sheets v4 and Drive v3, by name."""
    package = importlib.util.find_spec("googleapiclient")
    if package is None or not package.submodule_search_locations:
        raise RuntimeError("The emulator needs google-api-python-client: pip install -e '.[test]'")
    folder = Path(package.submodule_search_locations[0]) / "discovery_cache" / "documents"
    return {name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("sheets.v4", "drive.v3")}


@cache
def methods() -> dict[str, JsonObject]:
    """Every method by id, with its document ("api") and its path as a pattern; fixed paths come first."""
    found: list[JsonObject] = []

    def walk(resource: JsonObject, api: JsonObject) -> None:
        for method in resource.get("methods", {}).values():
            path = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape("/" + api["servicePath"] + method["path"]))
            found.append({**method, "api": api, "pattern": re.compile(path)})
        for child in resource.get("resources", {}).values():
            walk(child, api)

    for document in documents().values():
        walk(document, document)
    return {m["id"]: m for m in sorted(found, key=lambda m: str(m["path"]).count("{"))}


def find_method(verb: str, url: str) -> JsonObject | None:
    """The method behind a verb and a URL whose path is still percent-encoded."""
    path = urlsplit(url).path
    candidates = (m for m in methods().values() if m["httpMethod"] == verb.upper())
    return next((m for m in candidates if m["pattern"].fullmatch(path)), None)


def query_of(method: JsonObject, url: str) -> tuple[JsonObject, list[str]]:
    """The query of a URL with its values typed, and what the document does not know of it."""
    known = {**method["api"]["parameters"], **method.get("parameters", {})}
    found: JsonObject = {}
    problems = []
    sheets = method["id"].startswith("sheets.")
    for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items():
        schema = known.get(name)
        if schema is None:
            if (method["id"], name) not in TOLERATED_QUERY:
                problems.append(f"{method['id']}: unknown query name {name}")
            if sheets:
                text = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.'
                raise violation("", f"{text} Field '{name}' could not be found in request message.")
            continue
        for value in values:
            if value not in schema.get("enum", [value]):
                problems.append(f"{method['id']}: {name}={value}")
                field = snake(name)
                kind = f"type.googleapis.com/google.apps.sheets.v4.{name[0].upper()}{name[1:]}"
                raise violation(field, f"Invalid value at '{field}' ({kind}), \"{value}\"")
        typed = [_typed(name, value, schema) for value in values]
        found[name] = typed if schema.get("repeated") else typed[-1]
        if name == "fields" and "response" in method:
            problems += unknown_mask_fields(method["id"], values[0])
    for name, schema in method.get("parameters", {}).items():
        if schema.get("required") and schema["location"] == "query" and name not in found:
            problems.append(f"{method['id']}: {name} is missing")
    return found, problems


def _typed(name: str, value: str, schema: JsonObject) -> Any:
    if schema["type"] == "boolean":
        if value.lower() not in ("true", "false", "1", "0"):
            raise violation(snake(name), f"Invalid value at '{snake(name)}' (TYPE_BOOL), \"{value}\"")
        return value.lower() in ("true", "1")
    if schema["type"] == "integer":
        if not re.fullmatch(r"-?\d+", value):
            raise violation(snake(name), f"Invalid value at '{snake(name)}' (TYPE_INT32), \"{value}\"")
        return int(value)
    return value


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m[1].lower(), name)


def request_body(method: JsonObject, body: Any) -> tuple[Any, list[str]]:
    """A body as Google's parser reads it. Sheets refuses what it does not know; Drive lets it pass, and so do we,
    but we tell."""
    if "request" not in method:
        return None, [f"{method['id']}: no body expected"] if body not in (None, {}) else []
    problems: list[str] = []
    strict = method["id"].startswith("sheets.")
    root = "data" if method["id"] in ("sheets.spreadsheets.values.update", "sheets.spreadsheets.values.append") else ""
    found = _canonical(method, method["request"], {} if body is None else body, root, problems if not strict else None)
    return found, problems


def _canonical(method: JsonObject, schema: JsonObject, value: Any, where: str, lenient: list[str] | None) -> Any:
    api = method["api"]
    if "$ref" in schema:
        schema = api["schemas"][schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return value
    if kind == "object":
        if not isinstance(value, dict):
            name = f"type.googleapis.com/google.apps.sheets.v4.{schema.get('id', 'Struct')}"
            raise violation(where, f"Invalid value at '{where}' ({name}), {_brief(value)}")
        found = {}
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if inner is None:
                if lenient is not None:
                    if (method["id"], name) not in TOLERATED_BODY:
                        lenient.append(f"{method['id']}: unknown field {name}")
                    continue
                at = f" at '{where}'" if where else ""
                raise violation(where, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')
            if member is None:
                continue
            if schema.get("id") == "ValueRange" and name == "values":
                found[name] = member  # rows of anything: see values.check_values
                continue
            path = f"{where}.{snake(name)}" if where else snake(name)
            found[name] = _canonical(method, inner, member, path, lenient)
        return found
    if kind == "array":
        items = value if isinstance(value, list) else [value]
        return [_canonical(method, schema["items"], item, f"{where}[{i}]", lenient) for i, item in enumerate(items)]
    return _scalar(schema, kind, value, where)


def _scalar(schema: JsonObject, kind: str, value: Any, where: str) -> Any:
    if kind == "string" and isinstance(value, str):
        if "enum" in schema and value not in schema["enum"]:
            raise violation(where, f"Invalid value at '{where}' (TYPE_ENUM), \"{value}\"")
        return value
    if kind == "string" and schema.get("format") in ("int64", "uint64") and isinstance(value, int):
        return str(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind in ("integer", "number") and not isinstance(value, bool):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = None
        if number is not None and (kind == "number" or number.is_integer()):
            return int(number) if number.is_integer() and abs(number) < 1e21 else number
    types = {"string": "TYPE_STRING", "boolean": "TYPE_BOOL", "integer": "TYPE_INT32", "number": "TYPE_DOUBLE"}
    raise violation(where, f"Invalid value at '{where}' ({types[kind]}), {_brief(value)}")


def _brief(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def check_mask(method: JsonObject, mask: str) -> None:
    """Refuse a mask with a name that the answer does not have."""
    for problem in unknown_mask_fields(method["id"], mask):
        path = problem.rpartition(" ")[2]
        if method["id"].startswith("sheets."):
            text = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
            raise ApiError(400, "Request contains an invalid argument.", details=violation(path, text).details)
        message = f"Invalid field selection {path}"
        raise ApiError(400, message, reason="invalidParameter", location="fields")


@cache
def unknown_mask_fields(method_id: str, mask: str) -> tuple[str, ...]:
    """Names in a `fields` mask that the answer does not have."""
    method = methods()[method_id]
    if "response" not in method:
        return ()
    api, root = method["api"], method["response"]
    problems: list[str] = []
    here: tuple[JsonObject | None, tuple[str, ...]] = (root, ())
    opened: list[tuple[JsonObject | None, tuple[str, ...]]] = []
    for token in re.findall(r"[^,()/.\s]+|[,()]", mask):
        if token == "(":
            opened.append(here)
        elif token in ",)":
            here = opened[-1] if opened else (root, ())
            if token == ")" and opened:
                opened.pop()
        elif token != "*" and here[0] is not None:
            schema, path = here[0], (*here[1], token)
            while "$ref" in schema or "items" in schema:
                schema = api["schemas"][schema["$ref"]] if "$ref" in schema else schema["items"]
            if token not in schema.get("properties", {}) and "additionalProperties" not in schema:
                problems.append(f"{method_id}: the mask names what the answer does not have: {'.'.join(path)}")
            here = (schema.get("properties", {}).get(token), path)
    return tuple(problems)


def problems_of_answer(method: JsonObject, body: Any) -> list[str]:
    """Where a decoded 200 answer departs from the schema of its method; partial answers (a mask) are fine."""
    if "response" not in method:
        return [f"{method['id']}: no answer expected"] if body else []
    return [f"{method['id']}: {problem}" for problem in _violations(method["api"], method["response"], body, "answer")]


def _violations(api: JsonObject, schema: JsonObject, value: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = api["schemas"][schema["$ref"]]
    kind = schema.get("type", "any")
    if kind == "any":
        return
    if not isinstance(value, JSON_TYPES[kind]) or (isinstance(value, bool) and kind in ("integer", "number")):
        yield f"{where}: {type(value).__name__} where {kind} belongs"
    elif kind == "object":
        properties, other = schema.get("properties", {}), schema.get("additionalProperties")
        for name, member in value.items():
            inner = properties.get(name, other)
            if inner is None:
                yield f"{where}: unknown field {name}"
            else:
                yield from _violations(api, inner, member, f"{where}.{name}")
    elif kind == "array":
        for item in value:
            yield from _violations(api, schema["items"], item, f"{where}[]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is not one of the listed values"
    elif schema.get("format") == "int64" and not re.fullmatch(r"-?\d+", value):
        yield f"{where}: {value!r} is not a whole number in a string"
