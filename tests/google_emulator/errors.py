"""What Google refuses, as the exception every part of the emulator raises and the JSON a client receives."""

from typing import Any

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
}


class ApiError(Exception):
    """A refusal: `status` is HTTP's, `reason` is Drive's word for it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        name: str = "",
        details: list[dict[str, Any]] | None = None,
        reason: str = "",
        domain: str = "global",
        location: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.name = name or STATUSES.get(status, "UNKNOWN")
        self.details = details
        self.reason = reason
        self.domain = domain
        self.location = location

    def answer(self, drive: bool) -> dict[str, Any]:
        """The body: Sheets tells `status` and `details`, Drive a list of `errors` with reasons."""
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if drive:
            item = {"message": self.message, "domain": self.domain, "reason": self.reason or DRIVE[self.status]}
            if self.location:
                item |= {"location": self.location, "locationType": "parameter"}
            error["errors"] = [item]
            if self.details or self.status in (401, 501):
                error["status"] = self.name
        else:
            error["status"] = self.name
        if self.details:
            error["details"] = self.details
        return {"error": error}


DRIVE = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    408: "requestTimeout",
    409: "conflict",
    429: "rateLimitExceeded",
    500: "internalError",
    501: "notImplemented",
    503: "backendError",
}


def invalid(message: str) -> ApiError:
    return ApiError(400, message)


def violation(field: str, description: str) -> ApiError:
    """A refused member of a request: Google says the same thing twice, once for programs."""
    violations: list[dict[str, str]] = (
        [{"field": field, "description": description}] if field else [{"description": description}]
    )
    details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
    return ApiError(400, description, details=details)


def missing_file(file_id: str) -> ApiError:
    return ApiError(404, f"File not found: {file_id}.", reason="notFound", location="fileId")


def no_entity() -> ApiError:
    return ApiError(404, "Requested entity was not found.")


def forbidden() -> ApiError:
    return ApiError(403, "The caller does not have permission")


def unauthenticated() -> ApiError:
    return ApiError(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )


def unsupported(what: str) -> ApiError:
    """Loud: a client that relies on what the emulator cannot do must not take silence for success."""
    return ApiError(501, f"The emulator does not imitate {what}.")


def office_file() -> ApiError:
    return ApiError(
        400,
        "This operation is not supported for this document. The document must not be an Office file.",
        name="FAILED_PRECONDITION",
    )
