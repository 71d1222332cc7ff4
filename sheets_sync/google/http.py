"""gspread's HTTP client, told where to send, how long to wait, and nothing else. Imported when Google is first used."""

from __future__ import annotations

from typing import Any

import gspread

from sheets_sync import __version__

SHEETS, DRIVE = "https://sheets.googleapis.com", "https://www.googleapis.com"
TIMEOUT = (10.0, 190.0)  # seconds to connect, and of silence: Google itself gives up on a request after 180


class Http(gspread.HTTPClient):
    """Requests go to ``base_url`` in place of Google's hosts, if there is one: the emulator of the tests."""

    base_url: str | None = None

    def __init__(self, auth: Any, session: Any = None) -> None:
        super().__init__(auth, session)
        self.set_timeout(TIMEOUT)
        if session is None:  # Google packs its answers for those alone who say the word here too
            self.session.headers["User-Agent"] = f"sheets-sync/{__version__} (gzip)"

    def request(self, method: str, endpoint: str, *args: Any, **kwargs: Any) -> Any:
        for host in (SHEETS, DRIVE):
            if self.base_url and endpoint.startswith(host):
                endpoint = self.base_url.rstrip("/") + endpoint.removeprefix(host)
        return super().request(method, endpoint, *args, **kwargs)


def http_client(credentials: Any, session: Any, base_url: str | None) -> Http:
    """The client below gspread's ``Client``, where every request passes."""
    http = gspread.Client(credentials, session, http_client=Http).http_client
    assert isinstance(http, Http)
    http.base_url = base_url
    return http
