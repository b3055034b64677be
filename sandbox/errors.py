"""Discord's refusals as one exception with status, code and message; `calls` turns it into the answer."""

from typing import Any


class ApiError(Exception):
    """A refusal that the client sees as JSON."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors

    def to_json(self) -> dict[str, Any]:
        """Return the body Discord sends with this refusal."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.errors:
            body["errors"] = self.errors
        return body


_UNKNOWN = {
    10002: "Unknown Application",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10006: "Unknown Invite",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10009: "Unknown Overwrite",
    10011: "Unknown Role",
    10013: "Unknown User",
    10026: "Unknown Ban",
    10063: "Unknown application command",
    10087: "Unknown tag",
}


def unknown(code: int) -> ApiError:
    """Return the 404 for something that is gone or never was."""
    return ApiError(404, code, _UNKNOWN[code])


def refused(code: int, message: str, status: int = 400) -> ApiError:
    """Return a refusal by a rule or a limit."""
    return ApiError(status, code, message)


def limit(code: int, what: str, most: int) -> ApiError:
    """Return the 400 for a full list."""
    return ApiError(400, code, f"Maximum number of {what} reached ({most})")


def unauthorized() -> ApiError:
    """Return the 401 for a wrong or revoked token."""
    return ApiError(401, 0, "401: Unauthorized")


def missing_access() -> ApiError:
    """Return the 403 for what the caller cannot even see."""
    return ApiError(403, 50001, "Missing Access")


def missing_permissions() -> ApiError:
    """Return the 403 for a missing permission or a place too low in the hierarchy."""
    return ApiError(403, 50013, "Missing Permissions")


def invalid_form(errors: dict[str, Any]) -> ApiError:
    """Return the 400 for a body that breaks the rules; `errors` is keyed like the body."""
    return ApiError(400, 50035, "Invalid Form Body", errors)


def invalid_field(field: str, code: str, message: str) -> ApiError:
    """Return the 400 for one bad top-level field."""
    return invalid_form({field: {"_errors": [{"code": code, "message": message}]}})


def not_implemented(what: str) -> ApiError:
    """Return the 501 for what Discord can do and the sandbox cannot."""
    return ApiError(501, 0, f"the sandbox does not implement {what}")
