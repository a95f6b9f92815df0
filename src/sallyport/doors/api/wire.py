"""From an HTTP request to one checked value, and from what came of it to one JSON answer.

Rules:
  1. A body is strict JSON, bounded before it is read; nothing beyond the declared fields passes.
  2. Every failure is `{"error": {"code", "what", "fix"}}` with the status that says who can act.
     One that nobody foresaw has an id, and the log keeps where it was, never a value.
  3. No cookie is read or set, and no other origin is let in.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sallyport.doors.api.fields import Field, Fields, Given, check, from_query
from sallyport.doors.mcp.refusals import DoorError, ForeignHostError
from sallyport.doors.settings import Settings
from sallyport.errors import (
    BadInputError,
    ConflictError,
    IdentityError,
    InvariantError,
    MalformedJsonError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    NotToldError,
    SallyportError,
    SettingsError,
    SignatureError,
    StoreError,
    TooLargeError,
    UpstreamError,
)
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.strict_json import loads

log = logging.getLogger("sallyport.api")

STATUS: Sequence[tuple[type[SallyportError], int]] = (
    (NotAuthenticatedError, 401),
    (NotPermittedError, 403),
    (SignatureError, 403),
    (NotFoundError, 404),
    (ConflictError, 409),
    (TooLargeError, 413),
    (MalformedJsonError, 400),
    (ForeignHostError, 403),
    (DoorError, 400),
    (BadInputError, 422),
    (BoundaryErrors, 422),
    (SettingsError, 422),
    (IdentityError, 502),
    (UpstreamError, 502),
    (NotToldError, 502),
    (StoreError, 503),
    (InvariantError, 500),
)
"""The first kind that an error is of decides; any other is 500."""

CLIENT_LEFT = 499
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Caller = TypeVar("Caller")


@dataclass(frozen=True, slots=True)
class Said:
    """What an endpoint answers."""

    body: JsonObject
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Generic[Caller]):
    """One request, checked: who makes it, the path's variables, query and body."""

    house: House
    settings: Settings
    caller: Caller
    path: Mapping[str, str]
    query: Given
    body: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[Caller]):
    """One line of a door's table.

    `answer` describes the fields of a success, `statuses` what each status of one means. A `held`
    request ends when its client leaves; any other runs to its end, because half of it is worse.
    """

    method: str
    path: str
    does: str
    run: Callable[[Asked[Caller]], Coroutine[None, None, Said]]
    credential: str = ""
    body: Fields | None = None
    query: Fields = field(default_factory=dict[str, Field])
    answer: Fields = field(default_factory=dict[str, Field])
    statuses: Mapping[int, str] = field(default_factory=dict[int, str])
    held: bool = False


Admission: TypeAlias = Callable[[Request, Endpoint[Caller], JsonObject], Caller]
"""Returns who makes a request, or raises; the body is as it came, its fields not yet checked."""


def routes(
    house: House,
    settings: Settings,
    endpoints: Sequence[Endpoint[Caller]],
    admit: Admission[Caller],
) -> list[BaseRoute]:
    """Return the Starlette routes of a table, whose addresses begin with the same word."""
    served = [
        Route(one.path, _handler(house, settings, one, admit), methods=[one.method])
        for one in endpoints
    ]
    return [*served, *(_nothing_here(prefix) for prefix in {_prefix(e.path) for e in endpoints})]


def _prefix(path: str) -> str:
    return "/" + path.split("/")[1]


def _handler(
    house: House, settings: Settings, endpoint: Endpoint[Caller], admit: Admission[Caller]
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            raw = await _body(request, settings) if endpoint.body is not None else {}
            caller = admit(request, endpoint, raw)
            pairs = list(request.query_params.multi_items())
            asked = Asked(
                house=house,
                settings=settings,
                caller=caller,
                path=request.path_params,
                query=check(endpoint.query, from_query(endpoint.query, pairs), "the query"),
                body=check(endpoint.body or {}, raw, "the body"),
            )
            work = endpoint.run(asked)
            said = await (_held(request, work) if endpoint.held else work)
        except ClientDisconnect:
            return Response(status_code=CLIENT_LEFT)
        except SallyportError as error:
            return refusal(error)
        except Exception as error:  # noqa: BLE001 (whatever it was, the caller gets no traceback)
            return _unforeseen(house, error)
        return answer(said.body, said.status)

    return handle


def answer(body: Json, status: int = 200) -> Response:
    """Return a JSON answer, its numbers exact, that nobody keeps or frames."""
    return Response(
        canonical.encode(body),
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store", "x-content-type-options": "nosniff"},
    )


def refusal(error: SallyportError) -> Response:
    """Return an error as it goes over the wire."""
    body: JsonObject = {"error": dict[str, Json](error.as_dict())}
    if isinstance(error, BoundaryErrors):
        body["problems"] = [dict[str, Json](problem.as_dict()) for problem in error.problems]
    status = next((number for kind, number in STATUS if isinstance(error, kind)), 500)
    response = answer(body, status)
    if isinstance(error, NotAuthenticatedError):
        response.headers["www-authenticate"] = "Bearer"
    return response


def _nothing_here(prefix: str) -> Route:
    """Return the route of every address that there is not, so that it too answers in JSON."""

    async def nowhere(request: Request) -> Response:
        asked = f"{request.method} {request.url.path}"
        error = NotFoundError(
            f"there is no `{asked[:100]}` here",
            fix="read /v1/openapi.json, or use this version's `sallyport`",
        )
        return refusal(error)

    return Route(f"{prefix}/{{rest:path}}", nowhere, methods=METHODS)


def _unforeseen(house: House, error: Exception) -> Response:
    """Log where something went wrong, by file and line alone; tell the caller an id."""
    error_id = house.gateway.outside.ids.new("e")
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames))
    log.error("internal error %s: %s at %s", error_id, type(error).__name__, where)
    body: JsonObject = {
        "code": "sallyport.internal",
        "what": f"something went wrong inside the gateway (error {error_id})",
        "fix": "look for that id in the gateway's own log, and report it",
    }
    return answer({"error": body}, 500)


async def _body(request: Request, settings: Settings) -> JsonObject:
    """Return the body's object; an empty body is an empty object."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > settings.body_bytes_max:
            raise TooLargeError(f"the body has more than {settings.body_bytes_max} bytes")
    if not data:
        return {}
    value = loads(bytes(data), bytes_max=settings.body_bytes_max, depth_max=settings.depth_max)
    if not isinstance(value, dict):
        raise BadInputError("the body is not a JSON object", fix="send an object of fields")
    return value


async def _held(request: Request, work: Coroutine[None, None, Said]) -> Said:
    """Wait for work as long as the client does.

    Raises:
        ClientDisconnect: The client left, and nobody waits any more.
    """
    working = asyncio.get_running_loop().create_task(work)
    leaving = asyncio.get_running_loop().create_task(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        leaving.cancel()
        working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
