"""Who is asking: service accounts with RSA keys, people with refresh tokens, and the bearer tokens they were given."""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from .errors import ApiError, unauthenticated

JsonObject = dict[str, Any]
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = "https://www.googleapis.com/auth/"
SHEETS_READ = ("spreadsheets", "spreadsheets.readonly", "drive", "drive.readonly", "drive.file")
SHEETS_WRITE = ("spreadsheets", "drive", "drive.file")
DRIVE_READ = ("drive", "drive.readonly", "drive.file", "drive.metadata", "drive.metadata.readonly")
DRIVE_CONTENT = ("drive", "drive.readonly", "drive.file")
DRIVE_WRITE = ("drive", "drive.file")
LIFETIME = 3600


class TokenRefused(Exception):
    """The token endpoint's own kind of refusal."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class Grant:
    account: str
    scopes: frozenset[str] | None  # None: everything
    expires: float | None  # None: never

    def allows(self, scopes: tuple[str, ...]) -> bool:
        return self.scopes is None or any(SCOPES + scope in self.scopes for scope in scopes)


@cache
def _private_key(number: int) -> Any:
    """One of a few keys made once per process: making a key costs more than a test."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Accounts:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._keys: dict[str, Any] = {}
        self._people: dict[str, str] = {}  # refresh token → address
        self._grants: dict[str, Grant] = {}

    def service_account(self, email: str, token_uri: str, key: int = 0) -> JsonObject:
        """A new service account; the content of its key file."""
        from cryptography.hazmat.primitives import serialization

        private = _private_key(key)
        self._keys[email] = private.public_key()
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "emulated",
            "private_key_id": f"key-{key}",
            "private_key": pem.decode(),
            "client_email": email,
            "client_id": "1" + "0" * 20,
            "token_uri": token_uri,
        }

    def person(self, email: str, token_uri: str) -> JsonObject:
        """A person who has agreed to our access; the content of an authorized-user file."""
        refresh_token = f"1//{secrets.token_hex(8)}"
        self._people[refresh_token] = email
        return {
            "type": "authorized_user",
            "client_id": "emulated.apps.googleusercontent.com",
            "client_secret": "emulated",
            "refresh_token": refresh_token,
            "token_uri": token_uri,
            "account": email,
        }

    def withdraw(self, email: str) -> None:
        """From now on the token endpoint answers invalid_grant for this account, and its tokens are worth nothing."""
        self._keys.pop(email, None)
        self._people = {token: who for token, who in self._people.items() if who != email}
        self.revoke(email)

    def accept(
        self, token: str, account: str, scopes: frozenset[str] | None = None, expires: float | None = None
    ) -> None:
        self._grants[token] = Grant(account, scopes, expires)

    def revoke(self, email: str | None = None) -> None:
        """Make tokens worthless that were given out so far (those accepted for good stay)."""
        self._grants = {
            token: grant
            for token, grant in self._grants.items()
            if grant.expires is None or (email is not None and grant.account != email)
        }

    def who(self, header: str) -> Grant:
        grant = self._grants.get(header.removeprefix("Bearer ").strip()) if header.startswith("Bearer ") else None
        if grant is None or (grant.expires is not None and grant.expires <= self.clock()):
            raise unauthenticated()
        return grant

    def token(self, form: str, own_address: str) -> JsonObject:
        """The answer of the token endpoint."""
        fields = {name: values[0] for name, values in parse_qs(form).items()}
        kind = fields.get("grant_type", "")
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            claims = self._claims(fields.get("assertion", ""))
            if claims.get("aud") not in (AUDIENCE, own_address):
                raise TokenRefused("invalid_grant", "Invalid JWT: Failed audience check.")
            if not 0 < claims.get("exp", 0) - claims.get("iat", 0) <= LIFETIME:
                raise TokenRefused("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
            email, scopes = claims["iss"], claims.get("scope", "")
            if not scopes:
                raise TokenRefused("invalid_scope", "Empty or missing scope not allowed.")
        elif kind == "refresh_token":
            email = self._people.get(fields.get("refresh_token", ""), "")
            if not email:
                raise TokenRefused("invalid_grant", "Token has been expired or revoked.")
            scopes = fields.get("scope", "")
        else:
            raise TokenRefused("unsupported_grant_type", f"Invalid grant_type: {kind}")
        token = f"ya29.{secrets.token_hex(12)}"
        granted = frozenset(scopes.split()) or None
        self._grants[token] = Grant(email, granted, self.clock() + LIFETIME)
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"} | (
            {"scope": scopes} if kind == "refresh_token" and scopes else {}
        )

    def _claims(self, assertion: str) -> JsonObject:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        try:
            head, body, signature = assertion.split(".")
            header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        except ValueError:
            raise TokenRefused("invalid_grant", "Invalid JWT: malformed.") from None
        key = self._keys.get(claims.get("iss", ""))
        if key is None:
            raise TokenRefused("invalid_grant", "Invalid grant: account not found")
        if header.get("alg") != "RS256":
            raise TokenRefused("invalid_grant", "Invalid JWT: unsupported algorithm.")
        try:
            key.verify(_decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            raise TokenRefused("invalid_grant", "Invalid JWT Signature.") from None
        return claims  # type: ignore[no-any-return]


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def need(grant: Grant, scopes: tuple[str, ...]) -> None:
    if not grant.allows(scopes):
        raise ApiError(
            403,
            "Request had insufficient authentication scopes.",
            reason="insufficientPermissions",
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                    "domain": "googleapis.com",
                }
            ],
        )
