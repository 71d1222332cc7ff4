"""Definitions are found by name: the district's own first, then the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheets_sync.catalog import KINDS, Catalog, did_you_mean, shipped
from sheets_sync.errors import ConfigError


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_shipped(kind: str) -> None:
    """A folder of each kind is there, in a checkout and in a wheel."""
    assert shipped(kind).is_dir()


def test_a_districts_file_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "schemas" / "pairs.toml"
    own.parent.mkdir()
    own.write_text("", encoding="utf-8")
    catalog = Catalog(tmp_path)
    assert catalog.find("schemas", "pairs") == own
    assert catalog.find("schemas", "mentees") == shipped("schemas") / "mentees.toml"
    assert catalog.files("schemas")["pairs"] == own


def test_sub_folders_shadow_likewise(tmp_path: Path) -> None:
    own = tmp_path / "reports" / "indicators"
    own.mkdir(parents=True)
    (own / "I9.toml").write_text("", encoding="utf-8")
    assert Catalog(tmp_path).files("indicators")["I9"] == own / "I9.toml"


def test_the_folder_given_on_the_command_line_wins(tmp_path: Path) -> None:
    """``check --schemas DIR`` goes before the folder beside the config, for schemas and what lies in them only."""
    for folder in (tmp_path / "given", tmp_path / "config" / "schemas"):
        folder.mkdir(parents=True)
        (folder / "pairs.toml").write_text("", encoding="utf-8")
    catalog = Catalog(tmp_path / "config", schemas=tmp_path / "given")
    assert catalog.find("schemas", "pairs") == tmp_path / "given" / "pairs.toml"
    assert catalog.folders("reports") == [shipped("reports").resolve()]


def test_hidden_files_are_no_definitions(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "._pairs.toml").write_text("", encoding="utf-8")
    assert "._pairs" not in Catalog(tmp_path).files("schemas")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean “pairs”"):
        Catalog().find("schemas", "pair")


def test_an_unknown_kind_names_the_kinds() -> None:
    with pytest.raises(ConfigError, match="rules"):
        Catalog().folders("rule")


def test_a_missing_folder_of_schemas_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        Catalog(schemas=tmp_path / "nowhere")


def test_nothing_near_lists_what_is_known() -> None:
    assert did_you_mean("xyz", ["alpha", "beta"]) == "one of alpha, beta"
    assert did_you_mean("xyz", []) == ""
