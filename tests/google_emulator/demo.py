"""`python -m tests.google_emulator.demo [FOLDER]`: the fictional district with Google spreadsheets, all on this machine.

The emulator holds the schools' spreadsheets; the program is run as anybody would run it: check of the set-up, sync, sync
again, report. What then stands at «Google» is exported as .xlsx files, to be opened. Takes about half a minute: the
program keeps to Google's quotas here too.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sheets_sync import demo
from sheets_sync.config import CONFIG_NAME, Config, GoogleSource, load_config
from sheets_sync.google.client import GoogleClient
from sheets_sync.google.credentials import load_credentials
from sheets_sync.google.files import list_drive
from sheets_sync.google.http import DRIVE, http_client
from sheets_sync.run.google_check import google_findings

PROJECT = Path(__file__).resolve().parent.parent.parent
FIRST_LINE = "# Вымышленный район, таблицы которого лежат в эмуляторе Google на этом компьютере\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE = 60.0  # seconds the emulator may take to begin and to end


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.google_emulator.demo", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("demo-google"))
    folder = parser.parse_args(arguments).folder.resolve()
    config_path, schools, key = folder / CONFIG_NAME, folder / "schools", folder / "service-account.json"
    if folder.exists() and any(folder.iterdir()):
        if not (config_path.is_file() and config_path.read_text("utf-8").startswith(FIRST_LINE)):
            print(f"{folder} holds something else: name another folder", file=sys.stderr)
            return 2
        for old in (schools, folder / ".sheets-sync", folder / "exported", folder / "outbox"):
            shutil.rmtree(old, ignore_errors=True)
    begun = time.monotonic()
    schools.mkdir(parents=True, exist_ok=True)
    demo.write_district(schools)
    with emulator(schools, key) as (url, drive_folder):
        print(f"Google Sheets and Drive, emulated at {url}; the Drive folder “schools” has a folder per school")
        access = load_credentials(key, {})
        client = GoogleClient(access.credentials, base_url=url, email=access.email)
        own = str(client.create(f"Сводный реестр, {demo.NAME}")["spreadsheetId"])
        config_path.write_text(config_text(url, drive_folder, own), encoding="utf-8")
        config = load_config(config_path)
        print("\nThe set-up, as `doctor` sees it:")
        for finding in google_findings(config, config.language):
            print(f"  {finding.level}: {finding.what}" + (f" → {finding.mend}" if finding.mend else ""))
        as_of = str(demo.CHECKED_AS_OF)
        codes = [program(config, "sync", "-v", "--as-of", as_of)]
        print("  (the addresses are as they would be at Google; here nothing lies there)")
        print(
            "\nOnce more: our own new tabs have changed every spreadsheet, so each is looked at, and none is written."
        )
        codes += [program(config, "sync", "-v", "--as-of", as_of)]
        print("\nAnd again: nothing has changed since, so the folders are listed and nothing else is asked.")
        codes += [program(config, "sync", "-v", "--as-of", as_of)]
        codes += [program(config, "report", "--period", demo.PERIODS[-1])]
        print("\nWhat stands at Google now; tabs of ours have a *:")
        export(client, access.credentials, config, folder / "exported")
    took = time.monotonic() - begun
    print(f"\nThe same as files to open: {folder / 'exported'}")
    print(f"It took {took:.0f} s; the emulator is stopped. Nothing left this machine.")
    return max(codes)


@contextmanager
def emulator(schools: Path, key: Path) -> Iterator[tuple[str, str]]:
    """The emulator as a process of its own: its address and the id of the Drive folder."""
    line = [sys.executable, "-m", "tests.google_emulator", "--seed", str(schools), "--key", str(key)]
    process = subprocess.Popen(line, cwd=PROJECT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        drive_folder = process.stdout.readline().partition(" ")[0]
        if not (url and drive_folder):
            raise SystemExit("the emulator did not start: it needs the extra «test» (pip install -e '.[test]')")
        yield url, drive_folder
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def config_text(url: str, drive_folder: str, own: str) -> str:
    years = ", ".join(f"{year} = {count}" for year, count in demo.ENTERPRISES.items())
    return f"""{FIRST_LINE}language = "ru"

[district]
name = "{demo.NAME}"
enterprises = {{ {years} }}

[[sources]]
kind = "google_sheets"
folders = ["{drive_folder}"]
credentials = "service-account.json"
# только для эмулятора: настоящему Google эта строка не нужна
base_url = "{url}"

[outputs]
google_spreadsheet = "{own}"
"""


def program(config: Config, verb: str, *more: str) -> int:
    """Run the program as a process, with what it says."""
    print(f"\nsheets-sync {' '.join([verb, *more])}", flush=True)
    line = [sys.executable, "-m", "sheets_sync", "--config", str(config.path), verb, *more]
    told = subprocess.run(
        line, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    )
    for text in told.stdout.splitlines():
        print(f"  {text}")
    return told.returncode


def export(client: GoogleClient, credentials: object, config: Config, target: Path) -> None:
    """Tell the tabs of every spreadsheet, and put each into ``target`` as an .xlsx file."""
    source = config.sources[0]
    assert isinstance(source, GoogleSource)
    own = config.outputs.google_spreadsheet
    found = {own: "Сводный реестр района.xlsx"}
    for one in list_drive(client, source.folders, {}, {}).workbooks:
        found[one.file["id"]] = f"{one.organisation}/{one.path}.xlsx"
    http = http_client(credentials, None, source.base_url)
    for spreadsheet, name in found.items():
        tabs = client.spreadsheet(spreadsheet, "sheets(properties(title),developerMetadata(metadataKey))")["sheets"]
        titles = [f"{tab['properties']['title']}{'*' if tab.get('developerMetadata') else ''}" for tab in tabs]
        print(f"  {name.removesuffix('.xlsx')}: {', '.join(titles)}")
        answer = http.request("get", f"{DRIVE}/drive/v3/files/{quote(spreadsheet)}/export", params={"mimeType": XLSX})
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(answer.content)


if __name__ == "__main__":
    sys.exit(main())
