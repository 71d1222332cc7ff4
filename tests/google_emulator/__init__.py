"""Google Sheets v4 and Drive v3 on loopback, for tests: see README.md."""

from . import faults
from .clock import FakeClock
from .emulator import PERSON, Emulator
from .faults import Fault
from .model import Cell, CellError, Formula
from .service import OPERATOR

__all__ = ["OPERATOR", "PERSON", "Cell", "CellError", "Emulator", "FakeClock", "Fault", "Formula", "faults"]
