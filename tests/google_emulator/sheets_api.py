"""Sheets v4 by method: what each call does and answers."""

from collections.abc import Callable, Sequence
from typing import Any

from . import accounts, cell_requests, masks, sheet_requests, values
from .a1 import JsonObject
from .accounts import Grant, need
from .answers import Answer, metadata_json, sheet_properties
from .drive import ROLES, SPREADSHEET, XLSX, Drive, File
from .editing import Edit
from .errors import ApiError, forbidden, invalid, no_entity, office_file

READS = (
    "sheets.spreadsheets.get",
    "sheets.spreadsheets.getByDataFilter",
    "sheets.spreadsheets.values.get",
    "sheets.spreadsheets.values.batchGet",
    "sheets.spreadsheets.values.batchGetByDataFilter",
    "sheets.spreadsheets.developerMetadata.get",
    "sheets.spreadsheets.developerMetadata.search",
)


class SheetsApi:
    def __init__(self, drive: Drive) -> None:
        self.drive = drive

    def handlers(self) -> dict[str, Callable[[Grant, JsonObject, JsonObject, list[str]], Any]]:
        """By method id: called with the asker, the query, the body and the ids of the path."""
        kinds: dict[str, Any] = {
            "create": self.create,
            "get": self.get,
            "getByDataFilter": self.get_by_data_filter,
            "batchUpdate": self.batch_update,
            "sheets.copyTo": self.copy_to,
            "developerMetadata.get": self.get_metadata,
            "developerMetadata.search": self.search_metadata,
            "values.get": self.values_get,
            "values.update": self.values_update,
            "values.append": self.values_append,
            "values.clear": self.values_clear,
            "values.batchGet": self.values_batch_get,
            "values.batchUpdate": self.values_batch_update,
            "values.batchClear": self.values_batch_clear,
            "values.batchGetByDataFilter": self.values_batch_get_by,
            "values.batchUpdateByDataFilter": self.values_batch_update_by,
            "values.batchClearByDataFilter": self.values_batch_clear_by,
        }
        return {f"sheets.spreadsheets.{name}": handle for name, handle in kinds.items()}

    # getting at a spreadsheet

    def file(self, file_id: str, who: Grant, writing: bool) -> File:
        need(who, accounts.SHEETS_WRITE if writing else accounts.SHEETS_READ)
        file = self.drive.files.get(file_id)
        if file is None or (file.mime != SPREADSHEET and file.mime != XLSX):
            raise no_entity()
        role = self.drive.role(file, who.account)
        if not role or (writing and ROLES.index(role) < ROLES.index("writer")):
            raise forbidden()
        if file.spreadsheet is None:
            raise office_file()
        return file

    def answer(self, file: File, who: Grant) -> Answer:
        assert file.spreadsheet is not None
        return Answer(file.spreadsheet, who.account, self.drive.clock())

    def edit(self, file: File, who: Grant) -> Edit:
        assert file.spreadsheet is not None
        return Edit(file.spreadsheet, who.account, file.owner, self.drive.clock())

    def keep(self, file: File, edit: Edit) -> None:
        """The edit's copy takes the place of the original: every request of it was fine."""
        file.spreadsheet = edit.spreadsheet
        file.name = edit.spreadsheet.title
        self.drive.touch(file)

    # spreadsheets

    def get(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=False)
        return self._whole(self.answer(file, who), asked, asked.get("ranges", []), bool(asked.get("includeGridData")))

    @staticmethod
    def _whole(answer: Answer, asked: JsonObject, ranges: Sequence[str], data: bool) -> JsonObject:
        mask = asked.get("fields", "")
        return answer.whole(masks.parse(mask) if mask else None, ranges, data)

    def get_by_data_filter(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        answer = self.answer(self.file(ids[0], who, writing=False), who)
        found = values.filtered(answer.spreadsheet, body.get("dataFilters", []))
        ranges = [values.name_of(sheet, area) for sheet, area, _ in found]
        return self._whole(answer, asked, ranges, bool(body.get("includeGridData")))

    def create(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        need(who, accounts.SHEETS_WRITE)
        properties = dict(body.get("properties", {}))
        file = self.drive.make(properties.get("title", "Untitled spreadsheet"), SPREADSHEET, who.account)
        try:
            self._fill(file, who, properties, body)
        except ApiError:
            self.drive.remove(file)
            raise
        return self._whole(self.answer(file, who), asked, [], data=False)

    def _fill(self, file: File, who: Grant, properties: JsonObject, body: JsonObject) -> None:
        edit = self.edit(file, who)
        if properties:
            names = {"properties": properties, "fields": ",".join(properties)}
            sheet_requests.batch_update(edit, [{"updateSpreadsheetProperties": names}])
        given = body.get("sheets", [])
        first = edit.spreadsheet.sheets[0]
        if given:
            edit.spreadsheet.sheets = []
        for number, item in enumerate(given):
            wanted = dict(item.get("properties", {}))
            if number == 0 and "sheetId" not in wanted:
                wanted["sheetId"] = 0
            wanted.setdefault("title", f"{first.title[:-1]}{number + 1}")
            reply = sheet_requests.add_sheet(edit, {"properties": wanted})
            self._fill_sheet(edit, reply["addSheet"]["properties"]["sheetId"], item)
        for named in body.get("namedRanges", []):
            sheet_requests.add_named_range(edit, {"namedRange": named})
        for item in body.get("developerMetadata", []):
            place = item.get("location") or {"spreadsheet": True}
            sheet_requests.create_developer_metadata(edit, {"developerMetadata": {**item, "location": place}})
        self.keep(file, edit)

    @staticmethod
    def _fill_sheet(edit: Edit, sheet_id: int, item: JsonObject) -> None:
        for data in item.get("data", []):
            start = {
                "sheetId": sheet_id,
                "rowIndex": data.get("startRow", 0),
                "columnIndex": data.get("startColumn", 0),
            }
            cell_requests.update_cells(edit, {"start": start, "rows": data.get("rowData", []), "fields": "*"})
            for name, dimension in (("rowMetadata", "ROWS"), ("columnMetadata", "COLUMNS")):
                for i, member in enumerate(data.get(name, [])):
                    at = i + data.get("startRow" if dimension == "ROWS" else "startColumn", 0)
                    place = {"sheetId": sheet_id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
                    requests = [{"updateDimensionProperties": {"range": place, "properties": member, "fields": "*"}}]
                    sheet_requests.batch_update(edit, requests)
        for merge in item.get("merges", []):
            cell_requests.merge_cells(edit, {"range": {**merge, "sheetId": sheet_id}})
        for rule in item.get("conditionalFormats", []):
            ranges = [{**r, "sheetId": sheet_id} for r in rule.get("ranges", [])]
            sheet_requests.add_conditional_format_rule(edit, {"rule": {**rule, "ranges": ranges}})
        for protected in item.get("protectedRanges", []):
            place = {**protected.get("range", {}), "sheetId": sheet_id}
            sheet_requests.add_protected_range(edit, {"protectedRange": {**protected, "range": place}})
        for metadata in item.get("developerMetadata", []):
            place = {"sheetId": sheet_id}
            sheet_requests.create_developer_metadata(edit, {"developerMetadata": {**metadata, "location": place}})
        if "basicFilter" in item:
            place = {**item["basicFilter"].get("range", {}), "sheetId": sheet_id}
            sheet_requests.set_basic_filter(edit, {"filter": {**item["basicFilter"], "range": place}})

    def batch_update(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        replies = sheet_requests.batch_update(edit, body.get("requests", []))
        self.keep(file, edit)
        found: JsonObject = {"spreadsheetId": file.id, "replies": replies}
        if body.get("includeSpreadsheetInResponse"):
            answer = self.answer(file, who)
            data = bool(body.get("responseIncludeGridData"))
            found["updatedSpreadsheet"] = answer.whole(None, body.get("responseRanges", []), data)
        return found

    def copy_to(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        source = self.file(ids[0], who, writing=False)
        target = self.file(body.get("destinationSpreadsheetId", ""), who, writing=True)
        assert source.spreadsheet is not None
        if not ids[1].isdigit() or all(s.id != int(ids[1]) for s in source.spreadsheet.sheets):
            raise invalid(f"The sheet ({ids[1]}) does not exist.")
        sheet = source.spreadsheet.sheet(int(ids[1]))
        edit = self.edit(target, who)
        title, number = f"Copy of {sheet.title}", 1
        while edit.spreadsheet.titled(title):
            number += 1
            title = f"Copy of {sheet.title} {number}"
        new = sheet_requests.copied(edit, sheet, edit.spreadsheet.new_id(), title)
        edit.spreadsheet.sheets.append(new)
        edit.room()
        self.keep(target, edit)
        return sheet_properties(new, len(edit.spreadsheet.sheets) - 1)

    # developer metadata

    def get_metadata(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=False)
        assert file.spreadsheet is not None
        lookup = {"developerMetadataLookup": {"metadataId": int(ids[1]) if ids[1].isdigit() else -1}}
        for item, _ in sheet_requests.matching(file.spreadsheet.metadata, [lookup], who.account):
            return metadata_json(item)
        raise no_entity()

    def search_metadata(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=False)
        assert file.spreadsheet is not None
        found = sheet_requests.matching(file.spreadsheet.metadata, body.get("dataFilters", []), who.account)
        matched = [{"developerMetadata": metadata_json(item), "dataFilters": hits} for item, hits in found]
        return {"matchedDeveloperMetadata": matched} if matched else {}

    # values

    def reader(self, ids: list[str], who: Grant, asked: JsonObject) -> values.Reader:
        file = self.file(ids[0], who, writing=False)
        assert file.spreadsheet is not None
        return values.Reader(file.spreadsheet, asked, self.drive.clock())

    def values_get(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        return self.reader(ids, who, asked).range(ids[1])

    def values_batch_get(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        reader = self.reader(ids, who, asked)
        found = [reader.range(text) for text in asked.get("ranges", [])]
        return {"spreadsheetId": ids[0]} | ({"valueRanges": found} if found else {})

    def values_update(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        values.check_values(body.get("values"), "data.values")
        answer = values.update(edit, ids[1], body, values.input_option(asked.get("valueInputOption")), asked)
        self.keep(file, edit)
        return answer

    def values_append(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        answer = values.append(edit, ids[1], body, asked)
        self.keep(file, edit)
        return answer

    def values_clear(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        cleared = values.clear(edit, ids[1])
        self.keep(file, edit)
        return {"spreadsheetId": file.id, "clearedRange": cleared}

    def values_batch_update(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        answer = values.batch_update(edit, body)
        self.keep(file, edit)
        return answer

    def values_batch_clear(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        cleared = [values.clear(edit, text) for text in body.get("ranges", [])]
        self.keep(file, edit)
        return {"spreadsheetId": file.id} | ({"clearedRanges": cleared} if cleared else {})

    def values_batch_get_by(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        reader = self.reader(ids, who, body)
        found = values.filtered(reader.spreadsheet, body.get("dataFilters", []))
        matched = [{"valueRange": reader.area(sheet, area), "dataFilters": [item]} for sheet, area, item in found]
        return {"spreadsheetId": ids[0]} | ({"valueRanges": matched} if matched else {})

    def values_batch_update_by(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        data = []
        for item in body.get("data", []):
            sheet, area, _ = values.filtered(edit.spreadsheet, [item.get("dataFilter", {})])[0]
            data.append({**item, "range": values.name_of(sheet, area)})
        answer = values.batch_update(edit, {**body, "data": data})
        for reply, item in zip(answer.get("responses", []), data, strict=False):
            reply.pop("spreadsheetId")
            reply["dataFilter"] = item["dataFilter"]
        self.keep(file, edit)
        return answer

    def values_batch_clear_by(self, who: Grant, asked: JsonObject, body: JsonObject, ids: list[str]) -> JsonObject:
        file = self.file(ids[0], who, writing=True)
        edit = self.edit(file, who)
        found = values.filtered(edit.spreadsheet, body.get("dataFilters", []))
        cleared = [values.clear(edit, values.name_of(sheet, area)) for sheet, area, _ in found]
        self.keep(file, edit)
        return {"spreadsheetId": file.id} | ({"clearedRanges": cleared} if cleared else {})
