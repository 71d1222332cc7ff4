"""Chromium without a window, told what to do over a pipe: for tests of pages as a reader sees them."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
)
_SECONDS = 60.0


class Chromium:
    """One browser with one page. A context manager; ``requests`` are the addresses the page has asked for."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._number = 0
        self._left = b""
        self._session = ""

    def __enter__(self) -> Chromium:
        assert PROGRAM is not None, "chromium is not installed"
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-")
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # The browser reads descriptor 3 and writes 4; ours are first moved out of the way of these.
        moved = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (theirs_in, theirs_out)]

        def wire() -> None:
            os.dup2(moved[0], 3)
            os.dup2(moved[1], 4)

        self._process = subprocess.Popen(
            [PROGRAM, *_FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            preexec_fn=wire,
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (theirs_in, theirs_out, *moved):
            os.close(end)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Network.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        with contextlib.suppress(OSError, AssertionError):
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        with contextlib.suppress(OSError):
            self._profile.cleanup()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """What the browser answers to one command of the DevTools protocol."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return dict(answer["result"])
        raise AssertionError("the browser has gone")

    def _messages(self, until: str = "") -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + _SECONDS
        while True:
            while b"\0" not in self._left:
                ready, _, _ = select.select([self._in], [], [], max(deadline - time.monotonic(), 0))
                assert ready, f"no answer from the browser within {_SECONDS:g} seconds"
                read = os.read(self._in, 1 << 20)
                if not read:
                    return
                self._left += read
            text, _, self._left = self._left.partition(b"\0")
            message = json.loads(text)
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            yield message
            if until and message.get("method") == until:
                return

    def open(self, page: Path, *, width: int, height: int = 900, media: str = "") -> None:
        """Show a file in a window of that width, as on the screen or as on paper (``media`` "print")."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Emulation.setEmulatedMedia", media=media)
        self._number += 1
        message = {"id": self._number, "method": "Page.navigate", "params": {"url": page.as_uri()}}
        os.write(self._out, json.dumps({**message, "sessionId": self._session}).encode() + b"\0")
        for _ in self._messages(until="Page.loadEventFired"):
            pass

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> Path:
        """A PNG of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path

    def paper(self, path: Path) -> Path:
        """A PDF as the reader would print the page; sizes and margins are those of its own style sheet."""
        self.call("Emulation.setEmulatedMedia", media="")
        answer = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        path.write_bytes(base64.b64decode(answer["data"]))
        return path
