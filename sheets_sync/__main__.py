"""`python -m sheets_sync` does what `sheets-sync` does."""

from __future__ import annotations

from sheets_sync.cli import main

if __name__ == "__main__":
    main()
