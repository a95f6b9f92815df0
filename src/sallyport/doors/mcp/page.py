"""The page behind a link to a call that waits: what it is, and how a person answers it.

Rules:
  1. It shows and does nothing. Whoever has a link learns that a call waits, never what it says.
  2. A link is known by its seal alone; what is no link of ours leads nowhere.
  3. Nothing is loaded, run, framed or kept: plain text in tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sallyport.doors.mcp import headers
from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.refusals import status_of
from sallyport.doors.mcp.sealed import Seals
from sallyport.doors.mcp.words import SERVER_NAME
from sallyport.errors import NotFoundError, SallyportError
from sallyport.flow.house import House
from sallyport.model import Approval
from sallyport.rules import waiting
from sallyport.rules.commands import Ended

PATH: Final = "/held"

_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex",
}


def route(house: House, bounds: Bounds) -> Route:
    """Return the route of the pages."""
    seals = Seals(house)

    async def show(request: Request) -> Response:
        try:
            headers.check_host(headers.read(request.headers.raw), bounds)
            ended, approval = await _found(house, seals.call_of(request.path_params["link"]))
        except NotFoundError:
            return _answer(document([f"<p>{escape(waiting.UNKNOWN)}</p>"]), 404)
        except SallyportError as error:
            return _answer(document([f"<p>{escape(error.what)}</p>"]), status_of(error))
        return _answer(shown(ended, approval), 200)

    return Route(f"{PATH}/{{link}}", show, methods=["GET"])


def shown(ended: Ended, approval: Approval) -> str:
    """Return the page about a question."""
    rows = [
        f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>"
        for name, said in waiting.page(ended, approval)
    ]
    how, nobody = waiting.HOW
    command = escape(waiting.command(approval))
    return document(
        [
            f"<p>{escape(waiting.ABOUT)}</p>",
            "<dl>",
            *rows,
            "</dl>",
            f"<p>{escape(how)} <code>{command}</code></p>",
            f"<p>{escape(nobody)}</p>",
        ]
    )


def document(body: list[str]) -> str:
    """Return a whole page."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{SERVER_NAME}: {escape(waiting.TITLE)}</title>",
            f"<h1>{escape(waiting.TITLE)}</h1>",
            *body,
            "</html>",
            "",
        ]
    )


async def _found(house: House, call_id: str) -> tuple[Ended, Approval]:
    call = await house.inbox.call(call_id)
    approval = await house.inbox.approval(call.approval_id)
    return Ended(call=call, approval=approval), approval


def _answer(page: str, status: int) -> Response:
    return Response(page, status, dict(_HEADERS), media_type="text/html; charset=utf-8")
