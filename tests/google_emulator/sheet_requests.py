"""Kinds of `batchUpdate` that change the spreadsheet, its sheets and what belongs to a sheet as a whole."""

from collections.abc import Iterable
from typing import Any

from . import cell_requests, chart_requests, dimensions, locales
from .a1 import JsonObject, from_grid_range
from .answers import may_edit, metadata_json, protected_json, range_json, ranged, sheet_properties
from .editing import Edit
from .errors import ApiError, invalid, unsupported
from .formats import colour, tidy
from .masks import change, parse
from .model import Sheet

OWN_PROPERTIES = ("sheetId", "title", "index", "sheetType", "gridProperties")


def mask_of(body: JsonObject) -> dict[str, Any]:
    fields = body.get("fields", "")
    if not fields:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return parse(fields) or {"*": None}


def update_spreadsheet_properties(edit: Edit, body: JsonObject) -> None:
    book, given = edit.spreadsheet, body.get("properties", {})
    tree = mask_of(body)
    names = list(given) if "*" in tree else list(tree)
    for name in names:
        if name == "title":
            if not given.get("title"):
                raise invalid("title cannot be empty")
            book.title = given["title"]
        elif name == "locale":
            if not locales.known(given.get("locale", "")):
                raise invalid(f"Unsupported locale: {given.get('locale', '')}")
            book.locale = given["locale"]
        elif name == "timeZone":
            if not given.get("timeZone"):
                raise invalid("Invalid time zone")
            book.time_zone = given["timeZone"]
        elif name == "autoRecalc":
            book.recalculation = given.get("autoRecalc", "ON_CHANGE")
        elif name in given:
            book.properties[name] = given[name]
        else:
            book.properties.pop(name, None)


def _place(edit: Edit, sheet: Sheet, index: int | None) -> None:
    """Put a new sheet where it was asked for, or at the end."""
    sheets = edit.spreadsheet.sheets
    if index is not None and not 0 <= index <= len(sheets):
        raise invalid(f"Index {index} is out of bounds: there are {len(sheets)} sheets.")
    sheets.insert(len(sheets) if index is None else index, sheet)


def _check_title(edit: Edit, title: str, sheet: Sheet | None = None) -> None:
    taken = edit.spreadsheet.titled(title)
    if taken is not None and taken is not sheet:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')
    if not title or len(title) > 100:
        raise invalid(
            "Sheet name cannot be empty." if not title else "Sheet name cannot be longer than 100 characters."
        )


def _free_id(edit: Edit, wanted: int | None) -> int:
    if wanted is None:
        return edit.spreadsheet.new_id()
    if wanted < 0:
        raise invalid(f"sheetId must be non-negative: {wanted}")
    if any(s.id == wanted for s in edit.spreadsheet.sheets):
        raise invalid(f"A sheet with id {wanted} already exists.")
    return wanted


def add_sheet(edit: Edit, body: JsonObject) -> JsonObject:
    given = body.get("properties", {})
    if given.get("sheetType", "GRID") not in ("GRID", "SHEET_TYPE_UNSPECIFIED"):
        raise unsupported(f"new sheets of type {given['sheetType']}")
    title = given.get("title")
    if title is None:
        stem, number = locales.locale_of(edit.spreadsheet.locale).sheet, len(edit.spreadsheet.sheets) + 1
        while edit.spreadsheet.titled(f"{stem}{number}"):
            number += 1
        title = f"{stem}{number}"
    _check_title(edit, title)
    sheet = Sheet(_free_id(edit, given.get("sheetId")), title)
    grid = dict(given.get("gridProperties", {}))
    sheet.rows, sheet.columns = grid.pop("rowCount", None) or 1000, grid.pop("columnCount", None) or 26
    sheet.grid = grid
    _check_frozen(sheet)
    sheet.properties = _looks({n: m for n, m in given.items() if n not in OWN_PROPERTIES})
    _place(edit, sheet, given.get("index"))
    edit.room()
    return {"addSheet": {"properties": sheet_properties(sheet, edit.spreadsheet.sheets.index(sheet))}}


def _looks(found: JsonObject) -> JsonObject:
    """Sheet properties with a tab's colour in both spellings."""
    given = found.get("tabColorStyle", {}).get("rgbColor") if "tabColorStyle" in found else found.get("tabColor")
    if given is not None:
        found["tabColor"] = colour(given)
        found["tabColorStyle"] = {"rgbColor": colour(given)}
    elif found.get("tabColorStyle") == {} or "themeColor" not in found.get("tabColorStyle", {"themeColor": 1}):
        found.pop("tabColorStyle", None)
        found.pop("tabColor", None)
    return found


def _check_frozen(sheet: Sheet) -> None:
    if (
        sheet.grid.get("frozenRowCount", 0) >= sheet.rows > 0
        or sheet.grid.get("frozenColumnCount", 0) >= sheet.columns > 0
    ):
        raise invalid("You can't freeze all visible rows or columns on the sheet.")


def delete_sheet(edit: Edit, body: JsonObject) -> None:
    sheet = _sheet(edit, body.get("sheetId", 0))
    edit.guard(sheet, sheet.all)
    rest = [s for s in edit.spreadsheet.sheets if s is not sheet]
    if not any(not s.properties.get("hidden") for s in rest):
        raise invalid(
            "You can't remove all the visible sheets in a document."
            if rest
            else "You can't remove all the sheets in a document."
        )
    edit.spreadsheet.sheets = rest
    edit.spreadsheet.named_ranges = [
        n for n in edit.spreadsheet.named_ranges if n["range"].get("sheetId", 0) != sheet.id
    ]
    edit.spreadsheet.metadata = [m for m in edit.spreadsheet.metadata if not _on_sheet(m, sheet.id)]


def _sheet(edit: Edit, sheet_id: int) -> Sheet:
    try:
        return edit.spreadsheet.sheet(sheet_id)
    except ApiError:
        raise invalid(f"No sheet with id: {sheet_id}") from None


def _on_sheet(metadata: JsonObject, sheet_id: int) -> bool:
    place = metadata["location"]
    if place["locationType"] == "SPREADSHEET":
        return False
    return bool(place.get("dimensionRange", place).get("sheetId", 0) == sheet_id)


def copied(edit: Edit, sheet: Sheet, sheet_id: int, title: str) -> Sheet:
    """A sheet's copy under another id: ranges, rules and metadata follow it."""
    new = sheet.copy()
    new.id, new.title = sheet_id, title

    def here(items: list[JsonObject]) -> list[JsonObject]:
        return [{**i, "range": {**i["range"], "sheetId": sheet_id}} if "range" in i else i for i in items]

    new.protected = [{**p, "protectedRangeId": edit.spreadsheet.new_id()} for p in here(sheet.protected)]
    new.banded = [{**b, "bandedRangeId": edit.spreadsheet.new_id()} for b in here(sheet.banded)]
    new.filter_views = [{**f, "filterViewId": edit.spreadsheet.new_id()} for f in here(sheet.filter_views)]
    new.row_groups, new.column_groups = here(sheet.row_groups), here(sheet.column_groups)
    new.conditional = [{**c, "ranges": [{**r, "sheetId": sheet_id} for r in c["ranges"]]} for c in sheet.conditional]
    new.basic_filter = next(iter(here([sheet.basic_filter])), None) if sheet.basic_filter else None
    new.properties.pop("hidden", None)
    return new


def duplicate_sheet(edit: Edit, body: JsonObject) -> JsonObject:
    source = _sheet(edit, body.get("sourceSheetId", 0))
    sheet_id = _free_id(edit, body.get("newSheetId"))
    title = body.get("newSheetName")
    if title is None:
        title, number = f"Copy of {source.title}", 1
        while edit.spreadsheet.titled(title):
            number += 1
            title = f"Copy of {source.title} {number}"
    _check_title(edit, title)
    new = copied(edit, source, sheet_id, title)
    _place(edit, new, body.get("insertSheetIndex", 0))
    for item in list(edit.spreadsheet.metadata):
        if _on_sheet(item, source.id):
            place = dict(item["location"])
            if "dimensionRange" in place:
                place["dimensionRange"] = {**place["dimensionRange"], "sheetId": sheet_id}
            else:
                place["sheetId"] = sheet_id
            edit.spreadsheet.metadata.append({**item, "metadataId": edit.spreadsheet.new_id(), "location": place})
    edit.room()
    return {"duplicateSheet": {"properties": sheet_properties(new, edit.spreadsheet.sheets.index(new))}}


def update_sheet_properties(edit: Edit, body: JsonObject) -> None:
    given = body.get("properties", {})
    sheet = _sheet(edit, given.get("sheetId", 0))
    edit.guard_shape(sheet)
    tree = mask_of(body)
    if "*" in tree:
        tree = {name: None for name in given if name != "sheetId"}
    if "title" in tree:
        _check_title(edit, given.get("title", ""), sheet)
        sheet.title = given["title"]
    if "gridProperties" in tree:
        grid = given.get("gridProperties", {})
        whole = {**sheet.grid, "rowCount": sheet.rows, "columnCount": sheet.columns}
        below = tree["gridProperties"]
        found = change(whole, grid, below if below is None or "*" not in below else None)
        dimensions.resize(edit, sheet, found.pop("rowCount", 0), found.pop("columnCount", 0))
        sheet.grid = {name: member for name, member in found.items() if member}
        _check_frozen(sheet)
    other = {name: below for name, below in tree.items() if name not in OWN_PROPERTIES}
    if other:
        for plain, style in (("tabColor", "tabColorStyle"), ("tabColorStyle", "tabColor")):
            if plain in other and style not in other:
                sheet.properties.pop(style, None)
        sheet.properties = _looks({n: m for n, m in change(sheet.properties, given, other).items() if m is not False})
    if sheet.properties.get("hidden") and all(s.properties.get("hidden") for s in edit.spreadsheet.sheets):
        raise invalid("You can't hide all the sheets in a document.")
    if "index" in tree:
        _move(edit, sheet, given.get("index", 0))


def _move(edit: Edit, sheet: Sheet, index: int) -> None:
    """Move a sheet; the index counts as if it had not been taken out."""
    sheets = edit.spreadsheet.sheets
    now = sheets.index(sheet)
    if not 0 <= index <= len(sheets):
        raise invalid(f"Index {index} is out of bounds: there are {len(sheets)} sheets.")
    if index in (now, now + 1):
        return
    sheets.remove(sheet)
    sheets.insert(index if index < now else index - 1, sheet)


def _known_range(edit: Edit, grid_range: JsonObject) -> JsonObject:
    """A GridRange of this spreadsheet; refused when its sheet is not there."""
    edit.sheet(grid_range)
    return dict(grid_range)


def _replaced(items: list[JsonObject], key: str, wanted: Any, what: str) -> int:
    for i, item in enumerate(items):
        if item.get(key) == wanted:
            return i
    raise invalid(f"No {what} with id: {wanted}")


def add_named_range(edit: Edit, body: JsonObject) -> JsonObject:
    given = dict(body["namedRange"])
    named = edit.spreadsheet.named_ranges
    if any(n["name"].casefold() == given.get("name", "").casefold() for n in named):
        raise invalid(f"The name {given.get('name')} is already taken by another named range.")
    given["range"] = _known_range(edit, given.get("range", {}))
    given.setdefault("namedRangeId", str(edit.spreadsheet.new_id()))
    if any(n["namedRangeId"] == given["namedRangeId"] for n in named):
        raise invalid(f"A named range with id {given['namedRangeId']} already exists.")
    named.append({n: given[n] for n in ("namedRangeId", "name", "range") if n in given})
    return {"addNamedRange": {"namedRange": ranged(named[-1])}}


def update_named_range(edit: Edit, body: JsonObject) -> None:
    named = edit.spreadsheet.named_ranges
    at = _replaced(named, "namedRangeId", body["namedRange"].get("namedRangeId"), "named range")
    named[at] = change(named[at], body["namedRange"], mask_of(body))


def delete_named_range(edit: Edit, body: JsonObject) -> None:
    named = edit.spreadsheet.named_ranges
    del named[_replaced(named, "namedRangeId", body.get("namedRangeId"), "named range")]


def add_protected_range(edit: Edit, body: JsonObject) -> JsonObject:
    given = {name: member for name, member in body["protectedRange"].items() if member is not None}
    if "namedRangeId" in given and "range" not in given:
        at = _replaced(edit.spreadsheet.named_ranges, "namedRangeId", given["namedRangeId"], "named range")
        given["range"] = edit.spreadsheet.named_ranges[at]["range"]
    sheet = edit.sheet(_known_range(edit, given.get("range", {})))
    wanted = given.get("protectedRangeId")
    if wanted is not None and any(
        p["protectedRangeId"] == wanted for s in edit.spreadsheet.sheets for p in s.protected
    ):
        raise invalid(f"A protected range with id {wanted} already exists.")
    given["protectedRangeId"] = wanted if wanted is not None else edit.spreadsheet.new_id()
    given["_by"] = edit.account
    sheet.protected.append(given)
    reply = protected_json(given, edit.account)
    editors = given.get("editors") or {}
    reply["editors"] = {name: members for name, members in editors.items() if members}
    order = ("protectedRangeId", "range", "namedRangeId", "description", "warningOnly", "requestingUserCanEdit")
    first = {name: reply[name] for name in order if name in reply}
    return {"addProtectedRange": {"protectedRange": first | reply}}


def _protected(edit: Edit, wanted: Any) -> tuple[Sheet, int]:
    for sheet in edit.spreadsheet.sheets:
        for i, protected in enumerate(sheet.protected):
            if protected["protectedRangeId"] == wanted:
                if (
                    edit.account != edit.owner
                    and not may_edit(protected, edit.account)
                    and not protected.get("warningOnly")
                ):
                    raise invalid(
                        "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove protection if you need to edit."
                    )
                return sheet, i
    raise invalid(f"No protected range with id: {wanted}")


def update_protected_range(edit: Edit, body: JsonObject) -> None:
    given = body["protectedRange"]
    sheet, at = _protected(edit, given.get("protectedRangeId"))
    sheet.protected[at] = change(sheet.protected[at], given, mask_of(body))


def delete_protected_range(edit: Edit, body: JsonObject) -> None:
    sheet, at = _protected(edit, body.get("protectedRangeId"))
    del sheet.protected[at]


def set_basic_filter(edit: Edit, body: JsonObject) -> None:
    found = dict(body.get("filter") or {})
    sheet = edit.sheet(found.get("range", {}))
    area = sheet.area(from_grid_range(found.get("range", {})))
    found["range"] = {"sheetId": sheet.id, **area.json()}
    sheet.basic_filter = found


def clear_basic_filter(edit: Edit, body: JsonObject) -> None:
    _sheet(edit, body.get("sheetId", 0)).basic_filter = None


def add_filter_view(edit: Edit, body: JsonObject) -> JsonObject:
    given = dict(body["filter"])
    given.setdefault("filterViewId", edit.spreadsheet.new_id())
    edit.sheet(given.get("range", {})).filter_views.append(given)
    return {"addFilterView": {"filter": ranged(given)}}


def delete_filter_view(edit: Edit, body: JsonObject) -> None:
    wanted = body.get("filterId")
    if not _taken_out([sheet.filter_views for sheet in edit.spreadsheet.sheets], "filterViewId", wanted):
        raise invalid(f"No filter view with id: {wanted}")


def _taken_out(lists: Iterable[list[JsonObject]], name: str, wanted: Any) -> bool:
    """Take what bears this id out of the list it is in; False when it is in none."""
    for items in lists:
        for place, item in enumerate(items):
            if item[name] == wanted:
                del items[place]
                return True
    return False


def add_conditional_format_rule(edit: Edit, body: JsonObject) -> None:
    rule = tidy(body.get("rule", {}))
    if not rule.get("ranges"):
        raise invalid("ConditionalFormatRule.ranges: at least one range must be specified")
    sheets = {r.get("sheetId", 0) for r in rule["ranges"]}
    if len(sheets) != 1:
        raise invalid("All ranges of a rule must be on the same sheet")
    rules = _sheet(edit, sheets.pop()).conditional
    index = body.get("index", 0)
    if not 0 <= index <= len(rules):
        raise invalid(f"index {index} is out of bounds")
    rules.insert(index, rule)


def update_conditional_format_rule(edit: Edit, body: JsonObject) -> JsonObject:
    rule, index = body.get("rule"), body.get("index", 0)
    sheet_id = rule["ranges"][0].get("sheetId", 0) if rule else body.get("sheetId", 0)
    rules = _sheet(edit, sheet_id).conditional
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {sheet_id} at index: {index}")
    old = rules.pop(index)
    new_index = index if rule else body.get("newIndex", 0)
    rules.insert(new_index, tidy(rule) if rule else old)
    reply: JsonObject = {"newRule": _rule(rules[new_index]), "newIndex": new_index}
    reply |= {"oldRule": _rule(old)} if rule else {"oldIndex": index}
    return {"updateConditionalFormatRule": {n: m for n, m in reply.items() if m != 0}}


def delete_conditional_format_rule(edit: Edit, body: JsonObject) -> JsonObject:
    rules, index = _sheet(edit, body.get("sheetId", 0)).conditional, body.get("index", 0)
    if not 0 <= index < len(rules):
        raise invalid(f"No conditional format on sheet: {body.get('sheetId', 0)} at index: {index}")
    return {"deleteConditionalFormatRule": {"rule": _rule(rules.pop(index))}}


def _rule(rule: JsonObject) -> JsonObject:
    return {**rule, "ranges": [range_json(r) for r in rule["ranges"]]}


def add_banding(edit: Edit, body: JsonObject) -> JsonObject:
    given = tidy(body["bandedRange"])
    sheet = edit.sheet(given.get("range", {}))
    wanted = given.setdefault("bandedRangeId", edit.spreadsheet.new_id())
    if any(b["bandedRangeId"] == wanted for s in edit.spreadsheet.sheets for b in s.banded):
        raise invalid(f"A banded range with id {wanted} already exists.")
    sheet.banded.append(given)
    return {"addBanding": {"bandedRange": ranged(given)}}


def update_banding(edit: Edit, body: JsonObject) -> None:
    given = tidy(body["bandedRange"])
    for sheet in edit.spreadsheet.sheets:
        for i, band in enumerate(sheet.banded):
            if band["bandedRangeId"] == given.get("bandedRangeId"):
                sheet.banded[i] = change(band, given, mask_of(body))
                return
    raise invalid(f"No banded range with id: {given.get('bandedRangeId')}")


def delete_banding(edit: Edit, body: JsonObject) -> None:
    wanted = body.get("bandedRangeId")
    if not _taken_out([sheet.banded for sheet in edit.spreadsheet.sheets], "bandedRangeId", wanted):
        raise invalid(f"No banded range with id: {wanted}")


# developer metadata


def _location(edit: Edit, given: JsonObject) -> JsonObject:
    if given.get("spreadsheet"):
        return {"locationType": "SPREADSHEET", "spreadsheet": True}
    if "dimensionRange" in given:
        place = given["dimensionRange"]
        dimensions.span(edit, place)
        if place.get("endIndex", 0) - place.get("startIndex", 0) != 1:
            raise invalid("Developer metadata can be put on one row or column only")
        kind = "ROW" if place["dimension"] == "ROWS" else "COLUMN"
        return {"locationType": kind, "dimensionRange": {**place, "startIndex": place.get("startIndex", 0)}}
    if "sheetId" in given:
        _sheet(edit, given["sheetId"])
        return {"locationType": "SHEET", "sheetId": given["sheetId"]}
    raise invalid("A location must be specified for developer metadata")


def create_developer_metadata(edit: Edit, body: JsonObject) -> JsonObject:
    given = body["developerMetadata"]
    wanted = given.get("metadataId")
    if wanted is not None and any(m["metadataId"] == wanted for m in edit.spreadsheet.metadata):
        raise invalid(f"Developer metadata with id {wanted} already exists.")
    if not given.get("metadataKey"):
        raise invalid("A metadataKey must be specified for developer metadata")
    if given.get("visibility") not in ("DOCUMENT", "PROJECT"):
        raise invalid("A visibility must be specified for developer metadata")
    found: JsonObject = {
        "metadataId": wanted if wanted is not None else edit.spreadsheet.new_id(),
        "metadataKey": given["metadataKey"],
    }
    if given.get("metadataValue"):
        found["metadataValue"] = given["metadataValue"]
    found |= {
        "location": _location(edit, given.get("location", {})),
        "visibility": given["visibility"],
        "_by": edit.account,
    }
    edit.spreadsheet.metadata.append(found)
    return {"createDeveloperMetadata": {"developerMetadata": metadata_json(found)}}


def matching(
    metadata: list[JsonObject], filters: list[JsonObject], account: str
) -> list[tuple[JsonObject, list[JsonObject]]]:
    """Developer metadata that any of the filters finds, each with the filters that found it."""
    from .answers import visible

    found = []
    for item in metadata:
        hits = [f for f in filters if _fits(item, f)]
        if hits and visible(item, account):
            found.append((item, hits))
    return found


def _fits(item: JsonObject, data_filter: JsonObject) -> bool:
    lookup = data_filter.get("developerMetadataLookup")
    if lookup is None:
        raise unsupported("searching developer metadata by anything but developerMetadataLookup")
    for name in ("metadataId", "metadataKey", "metadataValue", "visibility"):
        if name in lookup and item.get(name) != lookup[name]:
            return False
    kind = lookup.get("locationType")
    if kind and kind != "DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED" and item["location"]["locationType"] != kind:
        return False
    place = lookup.get("metadataLocation")
    if not place:
        return True
    if place.get("spreadsheet"):
        return (
            bool(item["location"]["locationType"] == "SPREADSHEET")
            or lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION"
        )
    if "sheetId" in place:
        exact = item["location"].get("sheetId") == place["sheetId"] and item["location"]["locationType"] == "SHEET"
        wide = lookup.get("locationMatchingStrategy") == "INTERSECTING_LOCATION" and _on_sheet(item, place["sheetId"])
        return exact or wide
    wanted, actual = place.get("dimensionRange", {}), item["location"].get("dimensionRange")
    return actual is not None and range_json(actual) == range_json(wanted)


def update_developer_metadata(edit: Edit, body: JsonObject) -> JsonObject:
    tree = mask_of(body)
    given = dict(body.get("developerMetadata", {}))
    if "location" in given:
        given["location"] = _location(edit, given["location"])
    changed = []
    for item, _ in matching(edit.spreadsheet.metadata, body.get("dataFilters", []), edit.account):
        new = change(item, given, dict.fromkeys(given if "*" in tree else tree))
        edit.spreadsheet.metadata[edit.spreadsheet.metadata.index(item)] = new
        changed.append(metadata_json(new))
    return {"updateDeveloperMetadata": {"developerMetadata": changed} if changed else {}}


def delete_developer_metadata(edit: Edit, body: JsonObject) -> JsonObject:
    found = [item for item, _ in matching(edit.spreadsheet.metadata, [body.get("dataFilter", {})], edit.account)]
    edit.spreadsheet.metadata = [m for m in edit.spreadsheet.metadata if not any(m is f for f in found)]
    deleted = [metadata_json(f) for f in found]
    return {"deleteDeveloperMetadata": {"deletedDeveloperMetadata": deleted} if deleted else {}}


KINDS: dict[str, Any] = {
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addFilterView": add_filter_view,
    "deleteFilterView": delete_filter_view,
    "addConditionalFormatRule": add_conditional_format_rule,
    "updateConditionalFormatRule": update_conditional_format_rule,
    "deleteConditionalFormatRule": delete_conditional_format_rule,
    "addBanding": add_banding,
    "updateBanding": update_banding,
    "deleteBanding": delete_banding,
    "createDeveloperMetadata": create_developer_metadata,
    "updateDeveloperMetadata": update_developer_metadata,
    "deleteDeveloperMetadata": delete_developer_metadata,
}
ALL_KINDS: dict[str, Any] = KINDS | dimensions.KINDS | cell_requests.KINDS | chart_requests.KINDS


def batch_update(edit: Edit, requests: list[JsonObject]) -> list[JsonObject]:
    """Carry out a list of requests on the edit's copy, one reply each; the first that is refused ends it."""
    if not requests:
        raise invalid("Must specify at least one request.")
    replies = []
    for i, request in enumerate(requests):
        kinds = [name for name, member in request.items() if member is not None]
        if len(kinds) != 1:
            raise invalid(f"Invalid requests[{i}]: exactly one kind of request must be set")
        kind = kinds[0]
        handle = ALL_KINDS.get(kind)
        if handle is None:
            raise unsupported(f"requests of the kind {kind}")
        try:
            reply = handle(edit, request[kind])
        except ApiError as refusal:
            if refusal.status != 400 or refusal.details:
                raise
            raise ApiError(400, f"Invalid requests[{i}].{kind}: {refusal.message}") from None
        except KeyError as missing:
            raise invalid(f"Invalid requests[{i}].{kind}: {missing.args[0]} is required") from None
        replies.append(reply or {})
    return replies
