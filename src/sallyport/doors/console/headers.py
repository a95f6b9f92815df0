"""What keeps a page from doing anything but be looked at, and a foreign page from using it.

Rules:
  1. Scripts, styles and pictures come from here alone, none stands inside a page, and no text can
     become a script or markup: Trusted Types without a single policy. The one page on which a
     browser is asked for notices has one, and it knows one constant address.
  2. `Host` must be ours; whatever changes something must come from a page of ours, as JSON.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from sallyport.doors.mcp.refusals import ForeignHostError
from sallyport.doors.settings import Settings
from sallyport.errors import BadInputError

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)

WITH_WORKER = POLICY.replace("trusted-types 'none'", "trusted-types sallyport-worker")
"""What the page says on which a service worker is registered: its address is a script's."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "publickey-credentials-get=(self), publickey-credentials-create=(self)",
    "cache-control": "no-store",
}

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def site(host: str) -> str:
    """Return the name in a `Host` header; empty where it holds none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def check(request: Request, settings: Settings) -> None:
    """Check that a request was meant for this console and, where it changes something, made by it.

    Raises:
        ForeignHostError: `Host` or `Origin` is of somewhere else.
        BadInputError: A change that is no JSON, as a form of any page could send it.
    """
    host = request.headers.get("host", "")
    name = site(host)
    if name not in LOOPBACK and name not in settings.console_hosts:
        raise ForeignHostError("the header `Host` names neither this machine nor `console_hosts`")
    if request.method == "GET":
        return
    origin = request.headers.get("origin", "")
    if _place(origin) != host:
        raise ForeignHostError("this was not sent by a page of the console")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise BadInputError("this is not JSON", fix="use the page's own buttons")
