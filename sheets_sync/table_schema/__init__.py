"""Table Schemas: what a table is called, its fields, their types and constraints, read from ``schemas/*.toml``."""
