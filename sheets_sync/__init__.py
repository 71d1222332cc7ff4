"""Checks, consolidates and reports on the spreadsheets schools keep of their mentoring programmes."""

__version__ = "0.1.0"
