"""One family of errors; each knows its HTTP status and says how to mend what went wrong."""

from collections.abc import Mapping, Sequence
from typing import Any


class MeguriError(Exception):
    """Base of every error that a person outside may see.

    `detail` is one sentence that says what is wrong and how to mend it. `code` is a stable,
    dotted name that the page translates (`labelling.lease_lost`). `where` names the fields or
    rows at fault: a list of `{"row": 3, "field": "label", "problem": "…"}`.
    """

    status = 500
    title = "Something went wrong"
    code = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        where: Sequence[Mapping[str, Any]] = (),
        **params: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.where = [dict(place) for place in where]
        self.params = params

    def problem(self) -> dict[str, Any]:
        """The error as an RFC 9457 problem detail."""
        return {
            "type": f"urn:meguri:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "where": self.where,
            "params": self.params,
        }


class Invalid(MeguriError):
    """The input cannot be accepted as it is."""

    status = 422
    title = "The input is not valid"
    code = "invalid"


class Unauthenticated(MeguriError):
    """Nobody is signed in."""

    status = 401
    title = "Sign in first"
    code = "unauthenticated"


class Forbidden(MeguriError):
    """Somebody is signed in, but may not do this."""

    status = 403
    title = "Not allowed"
    code = "forbidden"


class NotFound(MeguriError):
    """The thing does not exist, or not for the one who asks."""

    status = 404
    title = "Not found"
    code = "not_found"


class Conflict(MeguriError):
    """The request contradicts what is already so."""

    status = 409
    title = "Conflict"
    code = "conflict"


class TooLarge(MeguriError):
    """The upload is larger than the limit."""

    status = 413
    title = "Too large"
    code = "too_large"


class TooMany(MeguriError):
    """Too many attempts in too short a time."""

    status = 429
    title = "Too many attempts"
    code = "too_many"
