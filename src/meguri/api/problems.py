"""Every error that leaves the house, as RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DataError, OperationalError
from starlette.exceptions import HTTPException

from meguri.kit.errors import Invalid, MeguriError, NotFound

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("meguri.api")


class Problem(BaseModel):
    """What went wrong and how to mend it; `code` is stable, `where` names the fields or rows at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: list[dict[str, Any]]
    params: dict[str, Any]


class Unavailable(MeguriError):
    """The database cannot be reached at this moment."""

    status = 503
    title = "Not available at this moment"
    code = "unavailable"


class Unforeseen(MeguriError):
    """An error that nobody thought of; its number is in the log."""

    code = "unforeseen"


def install(app: FastAPI) -> None:
    """Have the application answer every error as a problem."""
    app.add_exception_handler(MeguriError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(DataError, _of_data)
    app.add_exception_handler(OverflowError, _of_data)
    app.add_exception_handler(UnicodeEncodeError, _of_data)
    app.add_exception_handler(OperationalError, _of_database)


def response(error: MeguriError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that tells of an error."""
    more = dict(headers or {})
    if error.status == 401:
        more["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.params:
        more["Retry-After"] = str(error.params["retry_after"])
    return JSONResponse(error.problem(), error.status, headers=more, media_type=MEDIA_TYPE)


async def _of_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MeguriError)
    return response(error)


async def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return response(invalid(error.errors()))


def invalid(errors: Sequence[Mapping[str, Any]]) -> Invalid:
    """Pydantic's findings in our words: the field's path, and what is wrong with it."""
    where = [{"field": _path(found["loc"]), "in": str(found["loc"][0]), "problem": found["msg"]} for found in errors]
    fields = ", ".join(dict.fromkeys(place["field"] or place["in"] for place in where))
    return Invalid(f"Mend what is wrong with: {fields}.", code="invalid", where=where)


def _path(loc: Sequence[str | int]) -> str:
    return ".".join(str(step) for step in loc[1:])


async def _of_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, MeguriError):  # raised while FastAPI read the body
        return response(error.__cause__)
    if error.status_code == 404:
        return response(NotFound(f"There is nothing at {request.url.path}."))
    return response(_plain(error), error.headers)


def _plain(error: HTTPException) -> MeguriError:
    made = MeguriError(str(error.detail), code=f"http.{error.status_code}")
    made.status = error.status_code
    made.title = str(error.detail)
    return made


async def _of_data(request: Request, error: Exception) -> JSONResponse:
    """A value that the database cannot hold: a number over 63 bits, a NUL or half a character in a text."""
    log.warning("unstorable", error=type(error).__name__)
    return response(Invalid("A text or a number in the request cannot be stored.", code="unstorable"))


async def _of_database(request: Request, error: Exception) -> JSONResponse:
    log.error("database", exc_info=error)
    return response(Unavailable("The database does not answer; try again in a moment.", retry_after=2))
