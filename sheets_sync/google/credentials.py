"""Which account a run works as: a service account's key or a person's authorisation, from a file or the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sheets_sync.errors import ConfigError

# Least scopes: reading and writing spreadsheets (creating them too), and seeing what lies on Drive.
SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.readonly",
)
VARIABLE = "SHEETS_SYNC_GOOGLE_CREDENTIALS"
GOOGLES_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address, not a secret)
_MEND = (
    'write credentials = "service-account.json" in [[sources]], or set SHEETS_SYNC_GOOGLE_CREDENTIALS;'
    " docs/ru/google.md tells how to make the key"
)


class Access(NamedTuple):
    """An account. ``kind``: service-account | user; ``email`` is whom to share with ("" if the file does not say).

    ``place`` tells where the credentials come from; ``notices`` are lines for the operator.
    """

    credentials: Any
    kind: str
    email: str
    place: str
    notices: tuple[str, ...] = ()


def load_credentials(source_credentials: Path | str | None, environ: Mapping[str, str]) -> Access:
    """The account to work as: the file the config names, else the environment, else application default credentials.

    ``SHEETS_SYNC_GOOGLE_CREDENTIALS`` is a path or the JSON itself, ``GOOGLE_APPLICATION_CREDENTIALS`` a path; last
    comes what ``gcloud auth application-default login`` left. Raises ConfigError: none there, or not usable.
    """
    if source_credentials:
        return _from_file(Path(source_credentials), "the config")
    told = environ.get(VARIABLE, "").strip()
    if told.startswith("{"):
        return _access(told, VARIABLE, None)
    for place in (VARIABLE, GOOGLES_VARIABLE):
        if environ.get(place, "").strip():
            return _from_file(Path(environ[place].strip()).expanduser(), place)
    default = _application_default(environ)
    if default is not None and default.is_file():
        return _from_file(default, "application default credentials")
    raise ConfigError("no Google credentials", mend=_MEND)


def authorise(client: Path, target: Path) -> Access:
    """Let a person allow the program in the browser, once; ``target`` is the file to name in the config from then on.

    ``client`` is the OAuth client's file of the Google project («Desktop app»). Raises ConfigError.
    """
    import webbrowser

    from google_auth_oauthlib.flow import InstalledAppFlow
    from oauthlib.oauth2 import OAuth2Error

    try:
        flow = InstalledAppFlow.from_client_secrets_file(str(client), scopes=list(SCOPES))
    except (OSError, ValueError) as error:
        mend = "download the OAuth client (Desktop app) of the project as JSON"
        raise ConfigError(f"no OAuth client ({type(error).__name__})", path=client, mend=mend) from None
    _refuse_to_replace(target)
    try:
        # consent is asked for again even where it was given before: only then does Google hand out a lasting token
        granted = flow.run_local_server(port=0, prompt="consent")
    except (OSError, OAuth2Error, webbrowser.Error) as error:
        mend = "run it again on a computer with a browser, and allow the access"
        raise ConfigError(f"the access was not allowed ({type(error).__name__})", path=client, mend=mend) from None
    info = {
        "type": "authorized_user",
        "client_id": granted.client_id,
        "client_secret": granted.client_secret,
        "refresh_token": granted.refresh_token,
    }
    target.unlink(missing_ok=True)  # a file that is there would keep its permissions
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(info, file)
    return load_credentials(target, {})


def _refuse_to_replace(target: Path) -> None:
    """Only an earlier authorisation may be replaced by a new one."""
    try:
        known = json.loads(target.read_text(encoding="utf-8")).get("type")
    except FileNotFoundError:
        return
    except (OSError, ValueError, AttributeError):
        known = None
    if known != "authorized_user":
        raise ConfigError("this file holds something else", path=target, mend="name another: -o FILE")


def _application_default(environ: Mapping[str, str]) -> Path | None:
    """Where gcloud keeps them. A machine of Google's own cloud is not asked: that would be a look into the network."""
    if environ.get("CLOUDSDK_CONFIG"):
        folder = Path(environ["CLOUDSDK_CONFIG"])
    elif environ.get("APPDATA"):
        folder = Path(environ["APPDATA"]) / "gcloud"
    elif environ.get("HOME"):
        folder = Path(environ["HOME"]) / ".config" / "gcloud"
    else:
        return None
    return folder / "application_default_credentials.json"


def _from_file(path: Path, place: str) -> Access:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"the Google credentials that {place} names are not there", path=path, mend=_MEND) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the Google credentials cannot be read ({type(error).__name__})", path=path, mend="check the file"
        ) from None
    access = _access(text, place, path)
    return access._replace(notices=_permissions(path))


def _permissions(path: Path) -> tuple[str, ...]:
    """Whoever can read a key can do what the account may."""
    if os.name != "posix":
        return ()
    mode = path.stat().st_mode & 0o777
    if not mode & 0o077:
        return ()
    return (f"{path}: others on this machine can read this key (mode {mode:o}); run: chmod 600 {path}",)


def _access(text: str, place: str, path: Path | None) -> Access:
    try:
        info = json.loads(text)
        kind = info.get("type", "")
    except (ValueError, AttributeError):
        raise ConfigError(f"the Google credentials ({place}) are not JSON", path=path, mend=_MEND) from None
    if kind == "service_account":
        return _service_account(info, place, path)
    if kind == "authorized_user" or (not kind and "refresh_token" in info):
        return _user(info, place, path)
    if "installed" in info or "web" in info:
        raise ConfigError(
            f"the Google credentials ({place}) are those of an application, not of a person who allowed it",
            path=path,
            mend="run sheets-sync google-login with it once, and name the file that makes",
        )
    raise ConfigError(
        f"Google credentials of the kind “{kind or 'unknown'}” ({place}) are not supported",
        path=path,
        mend="use a service account's key or a person's authorisation (authorized_user)",
    )


def _service_account(info: Mapping[str, Any], place: str, path: Path | None) -> Access:
    try:
        credentials = _quiet_service_account().from_service_account_info(dict(info), scopes=SCOPES)
    except (ValueError, KeyError, TypeError) as error:
        # the message may hold pieces of the key: only its kind is told
        raise ConfigError(
            f"the service account's key ({place}) is damaged ({type(error).__name__})",
            path=path,
            mend="download the key once more",
        ) from None
    return Access(credentials, "service-account", str(info.get("client_email", "")), place)


def _user(info: Mapping[str, Any], place: str, path: Path | None) -> Access:
    from google.oauth2.credentials import Credentials

    missing = [name for name in ("refresh_token", "client_id", "client_secret") if not info.get(name)]
    if missing:
        raise ConfigError(
            f"the person's authorisation ({place}) lacks {', '.join(missing)}", path=path, mend="authorise once more"
        )
    # Scopes are not asked for anew: a refresh gives those the person allowed, and refuses any other.
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None,
        refresh_token=info["refresh_token"],
        client_id=info["client_id"],
        client_secret=info["client_secret"],
        token_uri=info.get("token_uri") or _TOKEN_URI,
        quota_project_id=info.get("quota_project_id"),
    )
    return Access(credentials, "user", str(info.get("account") or ""), place)


@cache
def _quiet_service_account() -> type[Any]:
    """google-auth's service account without its look-up of regional boundaries: a request beside the token, to another
    host, in a thread of its own, that serves nobody here."""
    from google.oauth2.service_account import Credentials

    class ServiceAccount(Credentials):
        def _is_regional_access_boundary_lookup_required(self) -> bool:
            return False

    return ServiceAccount
