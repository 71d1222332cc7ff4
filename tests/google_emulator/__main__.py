"""`python -m tests.google_emulator [--port N] [--token T]`: runs until it is stopped; its first line is its address."""

import argparse
import json
import signal
import threading
from pathlib import Path
from types import FrameType

from .emulator import Emulator


def seed(emulator: Emulator, folder: Path, parent: str = "") -> str:
    """A folder of this machine as a Drive folder: .xlsx files become spreadsheets named without the ending."""
    here = emulator.folder(folder.name, parent)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            seed(emulator, path, here)
        elif path.suffix == ".xlsx" and not path.name.startswith("~"):
            emulator.spreadsheet(path.stem, path, parent=here)
    return here


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.google_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--token", default="", help="a bearer token to accept")
    parser.add_argument("--key", type=Path, metavar="FILE", help="write a service account's key file")
    parser.add_argument(
        "--seed", type=Path, metavar="FOLDER", action="append", default=[], help="a folder of .xlsx files"
    )
    parser.add_argument("--quota", type=int, metavar="N", help="reads and writes a minute (default: no limit)")
    args = parser.parse_args()
    emulator = Emulator(port=args.port, token=args.token)
    emulator.quota(args.quota, args.quota)
    seeded = [(seed(emulator, folder), folder) for folder in args.seed]
    if args.key:
        args.key.touch(mode=0o600)
        args.key.write_text(json.dumps(emulator.service_account(), indent=2), "utf-8")
    emulator.start()
    print(emulator.url, flush=True)
    for folder_id, folder in seeded:
        print(f"{folder_id} {folder.name}", flush=True)
    stop = threading.Event()

    def ended(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    stop.wait()
    emulator.stop()


if __name__ == "__main__":
    main()
