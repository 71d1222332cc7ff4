"""The client: every row of Google's answers, counted at a server that answers as told; no second is really waited."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.google import client as module
from sheets_sync.google.client import GoogleClient, quoted
from sheets_sync.google.refusals import GoogleRefused, GoogleStopped, GoogleUnavailable
from tests.google_script import ROBOT, Reply, Script, Time, client_of, google_error, html, serving

SHEET = {"spreadsheetId": "S1", "sheets": []}
QUOTA_429 = google_error(429, "Quota exceeded for quota metric 'Read requests'", word="RESOURCE_EXHAUSTED")
NEVER: Callable[[], bool] = lambda: pytest.fail("nobody was to look")  # noqa: E731


def read(client: GoogleClient) -> dict[str, Any]:
    return client.spreadsheet("S1", "spreadsheetId")


# what is sent


def test_a_read_is_one_request_with_its_mask() -> None:
    with serving(SHEET) as script:
        client = client_of(script)
        assert client.spreadsheet("S1", "spreadsheetId,sheets.properties", ["'А'!A1"]) == SHEET
    (asked,) = script.asked
    assert (asked.method, asked.path) == ("GET", "/v4/spreadsheets/S1")
    assert asked.query == {
        "fields": ["spreadsheetId,sheets.properties"],
        "ranges": ["'А'!A1"],
        "prettyPrint": ["false"],
    }
    assert (client.budget.reads, client.budget.writes, client.budget.drive, client.budget.retries) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("title", "spelled"),
    [("A1", "'A1'"), ("R1C1", "'R1C1'"), ("Д'Артаньян", "'Д''Артаньян'"), ("Итог!", "'Итог!'"), ("7/А", "'7/А'"),
     ("x:append", "'x:append'"), ("Список 🎓", "'Список 🎓'")],
)  # fmt: skip
def test_titles_are_quoted(title: str, spelled: str) -> None:
    with serving({"valueRanges": [{"range": "x"}]}) as script:
        assert client_of(script).values("S1", [quoted(title)]) == [{"range": "x"}]
    (asked,) = script.asked
    assert asked.query["ranges"] == [spelled]
    assert asked.query["valueRenderOption"] == ["UNFORMATTED_VALUE"]
    assert asked.query["dateTimeRenderOption"] == ["SERIAL_NUMBER"]


def test_an_id_cannot_lead_elsewhere() -> None:
    with serving(SHEET) as script:
        client_of(script).spreadsheet("../../drive/v3/files?x=", "spreadsheetId")
    assert script.asked[0].path.startswith("/v4/spreadsheets/")
    assert "x" not in script.asked[0].query


def test_only_this_machine_may_stand_in_for_google() -> None:
    """Whoever answers at base_url is handed the account's token."""
    with pytest.raises(ConfigError, match="not on this machine"):
        GoogleClient(None, base_url="https://sheets.example.org")


# reads


@pytest.mark.parametrize(
    "trouble",
    [
        *(html(status) for status in (408, 500, 502, 503, 504)),
        google_error(500, "Internal error encountered.", word="INTERNAL"),
        QUOTA_429,
        google_error(403, "Rate Limit Exceeded", "rateLimitExceeded"),
        google_error(403, "User Rate Limit Exceeded", "userRateLimitExceeded"),
        Reply(fault="cut"),
        Reply(body=json.dumps(SHEET).encode(), fault="truncated"),
        Reply(body=json.dumps(SHEET).encode() * 50, fault="half-gzip"),
        Reply(body=b'{"spreadsheetId": "S'),
        Reply(body=b"<html>200, but no JSON"),
    ],
)
def test_a_read_is_tried_again_after_passing_trouble(trouble: Reply) -> None:
    time = Time()
    with serving(trouble, trouble, SHEET) as script:
        client = client_of(script, time)
        assert read(client) == SHEET
    assert len(script.asked) == 3
    assert client.budget.reads == 3  # tries count, and take tokens
    assert client.budget.retries == 2
    assert client.budget.waited == pytest.approx(sum(time.slept)) == pytest.approx(2 + 4)


def test_a_hang_is_left_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from sheets_sync.google import http

    assert http.TIMEOUT == (10, 190)
    monkeypatch.setattr(http, "TIMEOUT", (1.0, 0.1))
    with serving(Reply(fault="hang"), SHEET) as script:
        assert read(client_of(script)) == SHEET
    assert len(script.asked) == 2


def test_waiting_is_full_jitter_that_doubles_up_to_a_cap_and_ends() -> None:
    time = Time()
    with serving() as script:
        script.answer = lambda _: html(503)
        with pytest.raises(GoogleUnavailable) as told:
            read(client_of(script, time, jitter=1.0))
    assert len(script.asked) == 6
    assert time.slept == pytest.approx([4, 8, 16, 32, 64])
    assert (told.value.status, told.value.reason, told.value.transient) == (503, "unavailable", True)


def test_jitter_may_be_nothing() -> None:
    """Then only the second between two requests to one spreadsheet is waited."""
    time = Time()
    with serving(html(502), SHEET) as script:
        read(client_of(script, time, jitter=0.0))
    assert time.slept == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "20"}, 20),
        ({"Retry-After": "Sat, 28 Nov 2026 10:00:30 GMT", "Date": "Sat, 28 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry-After": "soon"}, 2),
        ({"Retry-After": "1"}, 2),
    ],
)
def test_never_sooner_than_google_asks(headers: dict[str, str], seconds: float) -> None:
    time = Time()
    with serving(Reply(503, b"", headers), SHEET) as script:
        read(client_of(script, time))
    assert time.slept[0] == pytest.approx(seconds)


def test_who_is_asked_to_wait_an_hour_gives_up() -> None:
    time = Time()
    with serving(Reply(429, b"", {"Retry-After": "3600"})) as script, pytest.raises(GoogleUnavailable):
        read(client_of(script, time))
    assert time.slept == []


def test_after_the_quota_was_met_half_as_many_requests_start() -> None:
    time = Time()
    with serving(QUOTA_429) as script:
        script.answer = lambda _: SHEET
        client = client_of(script, time, jitter=0)
        read(client)
        begun, count = time.now, len(script.asked)
        while time.now < begun + 50:
            client.spreadsheet(f"S{len(script.asked)}", "spreadsheetId")
        assert len(script.asked) - count <= 25


def test_no_minute_sees_more_than_sixty_requests_tries_included() -> None:
    """Every third answer is an error: the tries take tokens like all else."""
    time = Time()
    starts: list[float] = []
    with serving() as script:

        def answer(_: object) -> Reply | dict[str, Any]:
            starts.append(time.now)
            return html(502) if len(starts) % 3 == 0 else SHEET

        script.answer = answer
        client = client_of(script, time, jitter=0)
        for number in range(100):
            client.spreadsheet(f"S{number}", "spreadsheetId")
    assert client.budget.reads == len(starts) == 149
    assert max(sum(start <= other < start + 60 for other in starts) for start in starts) <= 60


def test_when_google_is_away_others_are_not_waited_for_at_length() -> None:
    """After three in a row were given up a single try tells; the first that succeeds restores patience."""
    time = Time()
    with serving() as script:
        script.answer = lambda _: html(503)
        client = client_of(script, time)
        for number in range(5):
            with pytest.raises(GoogleUnavailable):
                client.spreadsheet(f"S{number}", "x")
        assert len(script.asked) == 3 * 6 + 2
        script.answer = lambda _: SHEET
        read(client)
        script.replies = [html(503)]
        assert read(client) == SHEET


def test_a_read_and_a_write_of_one_spreadsheet_are_a_second_apart() -> None:
    time = Time()
    with serving() as script:
        script.answer = lambda _: SHEET
        client = client_of(script, time)
        read(client)
        client.update("S1", [], NEVER)
        client.update("S2", [], NEVER)
    assert time.slept == pytest.approx([1])


# refusals


@pytest.mark.parametrize(
    ("reply", "kind", "reason"),
    [
        (google_error(403, "The caller does not have permission", word="PERMISSION_DENIED"), GoogleRefused, "no-access"),
        (google_error(404, "Requested entity was not found.", word="NOT_FOUND"), GoogleRefused, "gone"),
        (google_error(400, "This operation is not supported for this document. The document must not be an Office file.", word="FAILED_PRECONDITION"), GoogleRefused, "office-file"),
        (google_error(400, "Unable to parse range: 'Пары'", word="INVALID_ARGUMENT"), GoogleRefused, "range-gone"),
        (google_error(400, "You are trying to edit a protected cell or object.", word="INVALID_ARGUMENT"), GoogleRefused, "protected"),
        (google_error(400, "This action would increase the number of cells in the workbook above the limit of 10000000 cells."), GoogleRefused, "too-many-cells"),
        (google_error(400, "Invalid value"), GoogleRefused, "rejected"),
        (google_error(403, "The user's Drive storage quota has been exceeded.", "storageQuotaExceeded"), GoogleRefused, "no-storage"),
        (google_error(403, "Daily Limit Exceeded", "dailyLimitExceeded"), GoogleUnavailable, "quota-day"),
        (google_error(403, "Google Sheets API has not been used in project 1 before or it is disabled.", "accessNotConfigured"), GoogleStopped, "api-disabled"),
        (google_error(403, "Request had insufficient authentication scopes.", "insufficientPermissions"), GoogleStopped, "scopes"),
        (html(403), GoogleRefused, "no-access"),
        (html(404), GoogleRefused, "gone"),
        (html(413), GoogleRefused, "rejected"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_once_and_not_tried_again(reply: Reply, kind: type[GoogleRefused], reason: str) -> None:
    with serving(reply) as script, pytest.raises(GoogleRefused) as told:
        read(client_of(script))
    assert len(script.asked) == 1
    assert (type(told.value), told.value.reason, told.value.status) == (kind, reason, reply.status)


def test_a_refusal_says_whom_to_share_with_and_repeats_nothing_from_cells() -> None:
    reply = google_error(400, 'Invalid value at "Иванова Ольга": bad')
    with serving(google_error(403, "The caller does not have permission"), reply) as script:
        client = client_of(script)
        with pytest.raises(GoogleRefused, match=ROBOT) as told:
            read(client)
        assert "Viewer" in str(told.value)
        with pytest.raises(GoogleRefused) as told:
            read(client)
    assert "Иванова" not in str(told.value)
    assert "Invalid value at …" in str(told.value)


def test_one_refused_spreadsheet_does_not_keep_the_next_from_being_read() -> None:
    with serving(html(404), SHEET) as script:
        client = client_of(script)
        with pytest.raises(GoogleRefused):
            client.spreadsheet("gone", "x")
        assert read(client) == SHEET


def test_a_mistake_of_ours_is_no_trouble_of_googles() -> None:
    class Broken:
        def request(self, **_: object) -> None:
            raise RuntimeError("ours")

    with pytest.raises(RuntimeError, match="ours"):
        read(GoogleClient(None, session=Broken(), email="x"))


# writes


class Spreadsheet:
    """Enough of a spreadsheet: a tab once added cannot be added again."""

    def __init__(self, script: Script) -> None:
        self.tabs: list[int] = []
        self.looked = 0
        script.answer = lambda asked: self.apply(asked.body)

    def apply(self, body: dict[str, Any]) -> Reply | dict[str, Any]:
        added = [one["addSheet"]["properties"]["sheetId"] for one in body["requests"]]
        if set(added) & set(self.tabs):
            return google_error(400, "A sheet with the id 7 already exists.")
        self.tabs += added
        return {"spreadsheetId": "S1", "replies": [{}]}

    def done(self) -> bool:
        self.looked += 1
        return 7 in self.tabs


ADD = [{"addSheet": {"properties": {"sheetId": 7}}}]


def lost(sheet: Spreadsheet, then: Reply) -> Callable[[Any], Any]:
    """Applied, and the reply lost on the way: once."""
    usual = sheet.apply
    gone: list[bool] = []

    def answer(asked: Any) -> Any:
        told = usual(asked.body)
        if not gone:
            gone.append(True)
            return then
        return told

    return answer


def test_a_write_is_one_request() -> None:
    with serving() as script:
        sheet = Spreadsheet(script)
        client = client_of(script)
        assert client.update("S1", ADD, NEVER) == {"spreadsheetId": "S1", "replies": [{}]}
    (asked,) = script.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/v4/spreadsheets/S1:batchUpdate", {"requests": ADD})
    assert (sheet.tabs, client.budget.writes, client.budget.reads) == ([7], 1, 0)


@pytest.mark.parametrize(
    "reply",
    [Reply(fault="cut"), html(502), html(503), Reply(body=b'{"a": 1}' * 9, fault="truncated"), Reply(body=b"{")],
)
def test_a_write_whose_reply_was_lost_is_looked_for_not_repeated(reply: Reply) -> None:
    with serving() as script:
        sheet = Spreadsheet(script)
        script.answer = lost(sheet, reply)
        assert client_of(script).update("S1", ADD, sheet.done) is None
    assert (sheet.tabs, sheet.looked, len(script.asked)) == ([7], 1, 1)


@pytest.mark.parametrize("reply", [Reply(fault="cut"), html(502), html(500)])
def test_a_write_that_was_not_carried_out_is_sent_again(reply: Reply) -> None:
    with serving(reply) as script:
        sheet = Spreadsheet(script)
        assert client_of(script).update("S1", ADD, sheet.done) is not None
    assert (sheet.tabs, sheet.looked, len(script.asked)) == ([7], 1, 2)


def test_a_write_carried_out_late_is_not_taken_for_a_refusal() -> None:
    """The first try was still under way when we looked; the second finds its work done and is refused."""
    with serving(html(504)) as script:
        sheet = Spreadsheet(script)
        answers = iter([False, True])
        sheet.tabs = [7]
        assert client_of(script).update("S1", ADD, lambda: next(answers)) is None
    assert (sheet.tabs, len(script.asked)) == ([7], 2)


def test_a_write_refused_for_the_quota_was_not_carried_out_and_nobody_looks() -> None:
    with serving(QUOTA_429) as script:
        sheet = Spreadsheet(script)
        assert client_of(script).update("S1", ADD, NEVER) is not None
    assert (sheet.tabs, len(script.asked)) == ([7], 2)


def test_a_refused_write_is_sent_once() -> None:
    refused = google_error(400, "You are trying to edit a protected cell or object.")
    with serving(refused) as script, pytest.raises(GoogleRefused) as told:
        client_of(script).update("S1", ADD, NEVER)
    assert (told.value.reason, len(script.asked)) == ("protected", 1)


def test_a_write_that_never_gets_through_is_given_up() -> None:
    with serving() as script:
        sheet = Spreadsheet(script)
        script.answer = lambda _: html(503)
        with pytest.raises(GoogleUnavailable):
            client_of(script).update("S1", ADD, sheet.done)
    assert (len(script.asked), sheet.tabs) == (6, [])


def test_a_spreadsheet_is_created_once() -> None:
    made = {"spreadsheetId": "N1", "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/N1/edit"}
    with serving(made) as script:
        assert client_of(script).create("Наставничество") == made
        assert script.asked[0].body == {"properties": {"title": "Наставничество", "locale": "ru_RU"}}


def test_a_spreadsheet_that_was_perhaps_created_is_not_created_again() -> None:
    with serving(Reply(fault="cut")) as script, pytest.raises(GoogleUnavailable, match="look on Drive"):
        client_of(script).create("Наставничество")
    assert len(script.asked) == 1


# Drive


def test_files_are_listed_to_the_last_page_however_short_the_pages() -> None:
    pages = [
        {"files": [{"id": "1"}], "nextPageToken": "p2"},
        {"files": [], "nextPageToken": "p3"},
        {"files": [{"id": "2"}]},
    ]
    with serving(*pages) as script:
        client = client_of(script)
        assert [one["id"] for one in client.files("trashed=false", "id")] == ["1", "2"]
    assert [asked.query.get("pageToken", [""])[0] for asked in script.asked] == ["", "p2", "p3"]
    assert script.asked[0].query["pageSize"] == ["1000"]
    assert script.asked[0].query["supportsAllDrives"] == script.asked[0].query["includeItemsFromAllDrives"] == ["true"]
    assert (client.budget.drive, client.budget.reads) == (3, 0)


def test_a_file_is_downloaded_as_it_is_up_to_a_limit() -> None:
    with serving(Reply(body=b"PK\x03\x04"), Reply(body=b"x" * 11)) as script:
        client = client_of(script)
        assert client.download("F1", 10) == b"PK\x03\x04"
        with pytest.raises(GoogleRefused) as told:
            client.download("F1", 10)
    assert script.asked[0].query["alt"] == ["media"]
    assert told.value.reason == "too-large"


def test_a_download_that_breaks_off_is_begun_again() -> None:
    with serving(Reply(body=b"x" * 1000, fault="truncated"), Reply(body=b"x" * 1000)) as script:
        assert client_of(script).download("F1", 10_000) == b"x" * 1000


def test_threads_have_a_session_each() -> None:
    from threading import Thread

    with serving() as script:
        script.answer = lambda _: SHEET
        client = client_of(script)
        https: list[object] = [client._http()]
        thread = Thread(target=lambda: (read(client), https.append(client._http())))
        thread.start()
        thread.join()
    assert len({id(one) for one in https}) == 2


def test_constants_are_those_of_googles_advice() -> None:
    assert (module.TRIES, module.LONGEST_WAIT) == (6, 64)
