"""Credentials: where they are looked for, what is said of bad ones, and tokens fetched from a loopback endpoint."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.google.credentials import SCOPES, authorise, load_credentials
from sheets_sync.google.refusals import GoogleStopped, GoogleUnavailable
from tests.google_script import ROBOT, Asked, Reply, Script, Time, client_of, html, serving
from tests.program import command


@cache
def private_key() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def robot(token_uri: str = "https://oauth2.googleapis.com/token") -> dict[str, str]:
    return {"type": "service_account", "client_email": ROBOT, "private_key": private_key(), "private_key_id": "1",
            "project_id": "p", "token_uri": token_uri}  # fmt: skip


def person(token_uri: str = "") -> dict[str, str]:
    told = {"type": "authorized_user", "refresh_token": "r", "client_id": "c", "client_secret": "s"}
    return told | ({"token_uri": token_uri} if token_uri else {})


def kept(path: Path, info: Any, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(info if isinstance(info, str) else json.dumps(info), "utf-8")
    path.chmod(mode)
    return path


def test_the_config_goes_first_then_the_environment_then_what_gcloud_left(tmp_path: Path) -> None:
    def named(name: str) -> dict[str, str]:
        return robot() | {"client_email": name}

    files = {name: kept(tmp_path / f"{name}.json", named(name)) for name in ("config", "ours", "googles")}
    kept(tmp_path / ".config" / "gcloud" / "application_default_credentials.json", named("default"))
    environ = {"HOME": str(tmp_path)}
    assert load_credentials(None, environ).email == "default"
    environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(files["googles"])
    assert load_credentials(None, environ).email == "googles"
    environ["SHEETS_SYNC_GOOGLE_CREDENTIALS"] = str(files["ours"])
    assert load_credentials(None, environ).email == "ours"
    environ["SHEETS_SYNC_GOOGLE_CREDENTIALS"] = json.dumps(named("inline"))
    assert load_credentials(None, environ).email == "inline"
    assert load_credentials(files["config"], environ).email == "config"


def test_both_kinds_of_account(tmp_path: Path) -> None:
    access = load_credentials(kept(tmp_path / "a.json", robot()), {})
    assert (access.kind, access.email, access.notices) == ("service-account", ROBOT, ())
    access = load_credentials(kept(tmp_path / "b.json", person() | {"account": "it@school.example"}), {})
    assert (access.kind, access.email) == ("user", "it@school.example")


def test_scopes_are_the_least() -> None:
    assert [scope.rpartition("/")[2] for scope in SCOPES] == ["spreadsheets", "drive.readonly"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_key_others_can_read_is_noticed(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.json", robot(), 0o644)
    (notice,) = load_credentials(path, {}).notices
    assert notice == f"{path}: others on this machine can read this key (mode 644); run: chmod 600 {path}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not json", "not JSON"),
        ("[]", "not JSON"),
        (
            {"type": "service_account", "client_email": "x", "token_uri": "y", "private_key": "-----SECRET"},
            "key .* is damaged",
        ),
        ({"type": "authorized_user", "client_id": "c"}, "lacks refresh_token, client_secret"),
        ({"installed": {"client_id": "c"}}, "those of an application"),
        ({"type": "external_account"}, "kind “external_account” .* not supported"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_secret(tmp_path: Path, content: Any, words: str) -> None:
    path = kept(tmp_path / "a.json", content)
    with pytest.raises(ConfigError, match=words) as told:
        load_credentials(path, {})
    assert str(path) in str(told.value)
    assert "SECRET" not in str(told.value)
    assert told.value.mend


def test_none_at_all_and_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no Google credentials") as told:
        load_credentials(None, {"HOME": str(tmp_path)})
    assert "SHEETS_SYNC_GOOGLE_CREDENTIALS" in told.value.mend
    with pytest.raises(ConfigError, match="the config names are not there"):
        load_credentials(tmp_path / "none.json", {})


# tokens


def with_tokens(script: Script, *answers: Reply | dict[str, Any]) -> list[str]:
    """A token endpoint and a spreadsheet behind it; gives the tokens handed out."""
    told = list(answers)
    given: list[str] = []

    def answer(asked: Asked) -> Reply | dict[str, Any]:
        if asked.path != "/token":
            return {"spreadsheetId": "S1"}
        if told:
            return told.pop(0)
        given.append(f"t{len(given)}")
        return {"access_token": given[-1], "expires_in": 3600, "token_type": "Bearer"}

    script.answer = answer
    return given


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth waits by itself between three tries at the token endpoint."""
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _: None)


def test_a_token_is_fetched_once_for_all_requests_and_nothing_else_is_asked(tmp_path: Path) -> None:
    """google-auth's look-up beside it would go elsewhere: the session's guard would tell."""
    with serving() as script:
        given = with_tokens(script)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        client = client_of(script, credentials=access.credentials)
        client.spreadsheet("S1", "x")
        client.spreadsheet("S1", "x")
    assert given == ["t0"]
    assert len(script.asked) == 3
    form = parse_qs(script.asked[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]


def test_a_persons_token_comes_from_the_endpoint_the_file_names(tmp_path: Path) -> None:
    with serving() as script:
        given = with_tokens(script)
        access = load_credentials(kept(tmp_path / "a.json", person(f"{script.url}/token")), {})
        client_of(script, credentials=access.credentials).spreadsheet("S1", "x")
    assert given == ["t0"]
    form = parse_qs(script.asked[0].body.decode())
    assert form["refresh_token"] == ["r"]
    assert "scope" not in form  # what the person allowed, no more


def test_a_token_refused_mid_run_is_fetched_anew(tmp_path: Path) -> None:
    with serving() as script:
        given = with_tokens(script)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        client = client_of(script, credentials=access.credentials)
        client.spreadsheet("S1", "x")
        script.replies = [Reply(401, b"{}")]
        assert client.spreadsheet("S1", "x") == {"spreadsheetId": "S1"}
    assert given == ["t0", "t1"]
    assert client.budget.reads == 2


def test_a_token_refused_again_and_again_stops_the_run(tmp_path: Path) -> None:
    with serving() as script:
        with_tokens(script)
        usual = script.answer
        script.answer = lambda asked: usual(asked) if asked.path == "/token" else Reply(401, b"{}")
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        with pytest.raises(GoogleStopped, match="no longer accepted"):
            client_of(script, credentials=access.credentials).spreadsheet("S1", "x")


def test_an_invalid_grant_stops_the_run(tmp_path: Path) -> None:
    refused = Reply(400, b'{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}')
    with serving() as script:
        with_tokens(script, refused)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        with pytest.raises(GoogleStopped, match="invalid_grant"):
            client_of(script, credentials=access.credentials).spreadsheet("S1", "x")
    assert len(script.asked) == 1


def test_a_token_endpoint_that_is_away_is_tried_again(tmp_path: Path) -> None:
    time = Time()
    with serving() as script:
        given = with_tokens(script, *[html(503)] * 4)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        client = client_of(script, time, credentials=access.credentials)
        assert client.spreadsheet("S1", "x") == {"spreadsheetId": "S1"}
    assert given == ["t0"]
    assert client.budget.retries >= 1
    with serving() as script:
        with_tokens(script, *[html(503)] * 40)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        with pytest.raises(GoogleUnavailable):
            client_of(script, time, credentials=access.credentials).spreadsheet("S1", "x")


def test_a_write_before_which_no_token_could_be_had_was_not_sent(tmp_path: Path) -> None:
    """So nobody needs to look whether it was carried out."""
    with serving() as script:
        with_tokens(script, *[html(503)] * 4)
        access = load_credentials(kept(tmp_path / "a.json", robot(f"{script.url}/token")), {})
        done = lambda: pytest.fail("nobody was to look")  # noqa: E731
        assert client_of(script, credentials=access.credentials).update("S1", [], done) == {"spreadsheetId": "S1"}


def test_what_google_auth_calls_its_look_up_is_there() -> None:
    """The name is private: should it change, the look-up is back, and this test says where to mend it."""
    from google.auth.credentials import CredentialsWithRegionalAccessBoundary
    from google.oauth2.service_account import Credentials

    assert issubclass(Credentials, CredentialsWithRegionalAccessBoundary)
    assert callable(Credentials._is_regional_access_boundary_lookup_required)
    quiet = load_credentials(None, {"SHEETS_SYNC_GOOGLE_CREDENTIALS": json.dumps(robot())}).credentials
    assert quiet._is_regional_access_boundary_lookup_required() is False
    assert quiet.with_scopes(SCOPES)._is_regional_access_boundary_lookup_required() is False


def test_a_person_allows_the_program_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from google.oauth2.credentials import Credentials
    from google_auth_oauthlib.flow import InstalledAppFlow
    from oauthlib.oauth2 import AccessDeniedError

    granted = Credentials("t", refresh_token="r", client_id="c", client_secret="s")
    monkeypatch.setattr(InstalledAppFlow, "run_local_server", lambda self, **asked: granted)
    uris = {"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token"}
    client = kept(tmp_path / "client.json", {"installed": {"client_id": "c", "client_secret": "s", **uris}})
    target = kept(tmp_path / "user.json", person(), 0o644)
    access = authorise(client, target)
    assert (access.kind, access.notices, access.credentials.refresh_token) == ("user", (), "r")
    with pytest.raises(ConfigError, match="no OAuth client"):
        authorise(kept(tmp_path / "no.json", "{}"), target)
    with pytest.raises(ConfigError, match="holds something else"):
        authorise(client, client)
    refused = lambda self, **asked: (_ for _ in ()).throw(AccessDeniedError())  # noqa: E731
    monkeypatch.setattr(InstalledAppFlow, "run_local_server", refused)
    before = target.read_bytes()
    with pytest.raises(ConfigError, match="was not allowed"):
        authorise(client, target)
    assert target.read_bytes() == before


def test_google_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb says what to write into the config."""
    from google.oauth2.credentials import Credentials
    from google_auth_oauthlib.flow import InstalledAppFlow

    granted = Credentials("t", refresh_token="r", client_id="c", client_secret="s")
    monkeypatch.setattr(InstalledAppFlow, "run_local_server", lambda self, **asked: granted)
    uris = {"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token"}
    kept(tmp_path / "client.json", {"installed": {"client_id": "c", "client_secret": "s", **uris}})
    told = command("google-login", "client.json", cwd=tmp_path)
    assert (told.returncode, told.stdout.splitlines()[0]) == (0, "written: google-user.json")
    assert f'credentials = "{(tmp_path / "google-user.json").as_posix()}"' in told.stdout
    assert (tmp_path / "google-user.json").stat().st_mode & 0o777 == 0o600
    assert command("google-login", "client.json", "-o", "client.json", cwd=tmp_path).returncode == 2
