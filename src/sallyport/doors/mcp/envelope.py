"""What a request of the stateless era says about itself, in `_meta` and again in its headers.

Rules:
  1. Version and capabilities stand in every request; nothing is remembered from an earlier one.
  2. Header and body say the same, checked before anything else is made of either.
  3. What a client says about itself decides in which form it is answered, never what it may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sallyport.doors.mcp.eras import CLIENT_CAPABILITIES, PROTOCOL_VERSION, STATELESS
from sallyport.doors.mcp.refusals import HeaderMismatchError, ParamsError, VersionError
from sallyport.model import JsonObject
from sallyport.rules import jsonrpc, mirrors
from sallyport.rules.jsonrpc import Request

NAMES: Final[Mapping[str, str]] = {
    "tools/call": "name",
    "prompts/get": "name",
    "resources/read": "uri",
    "tasks/get": "taskId",
    "tasks/update": "taskId",
    "tasks/cancel": "taskId",
}
"""Which parameter of a method the header `Mcp-Name` repeats."""


def read(request: Request, headers: Mapping[bytes, str]) -> JsonObject:
    """Return the capabilities that the client declares for this one request.

    Raises:
        ParamsError: It lacks what every request of this era has.
        HeaderMismatchError: Its headers are missing or say something else.
        VersionError: It is in a version that is not spoken this way.
    """
    meta = request.params.get("_meta")
    if not isinstance(meta, dict):
        raise ParamsError("the request has no `_meta` object", fix=_FIX)
    version, capabilities = meta.get(PROTOCOL_VERSION), meta.get(CLIENT_CAPABILITIES)
    if not isinstance(version, str):
        raise ParamsError(f"`_meta` has no text `{PROTOCOL_VERSION}`", fix=_FIX)
    if not isinstance(capabilities, dict):
        raise ParamsError(f"`_meta` has no object `{CLIENT_CAPABILITIES}`", fix=_FIX)
    _check_headers(request, version, headers)
    check_version(version)
    return capabilities


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers that repeat a request of this era, as `read` wants them."""
    meta = request.params.get("_meta")
    version = meta.get(PROTOCOL_VERSION) if isinstance(meta, dict) else None
    name = request.params.get(NAMES.get(request.method, ""))
    found = {"Mcp-Method": request.method}
    if isinstance(version, str):
        found["MCP-Protocol-Version"] = version
    if isinstance(name, str):
        found["Mcp-Name"] = mirrors.encode(name)
    return {header: value for header, value in found.items() if mirrors.is_plain(value)}


def check_notification(headers: Mapping[bytes, str]) -> None:
    """Check the one header that a notification of this era needs.

    Raises:
        HeaderMismatchError: It has none.
        VersionError: It names a version that is not spoken this way.
    """
    version = headers.get(b"mcp-protocol-version")
    if version is None:
        raise HeaderMismatchError("the header `MCP-Protocol-Version` is missing")
    check_version(version)


def check_version(version: str) -> None:
    """Check that a version is spoken with metadata in each request.

    Raises:
        VersionError: It is not.
    """
    if version in jsonrpc.VERSIONS:
        raise VersionError(
            "a version that begins with `initialize` came with metadata of its own",
            fix=f"begin with `initialize`, or send {STATELESS}",
            requested=version,
        )
    if version != STATELESS:
        raise VersionError("the request is in a version not spoken here", requested=version)


def _check_headers(request: Request, version: str, headers: Mapping[bytes, str]) -> None:
    _agree("MCP-Protocol-Version", headers.get(b"mcp-protocol-version"), version)
    _agree("Mcp-Method", headers.get(b"mcp-method"), request.method)
    name = request.params.get(NAMES.get(request.method, ""))
    if isinstance(name, str):
        header = headers.get(b"mcp-name")
        _agree("Mcp-Name", header if header is None else mirrors.decode(header) or "", name)


def _agree(name: str, header: str | None, body: str) -> None:
    if header is None:
        raise HeaderMismatchError(f"the header `{name}` is missing")
    if header != body:
        raise HeaderMismatchError(f"the header `{name}` does not say what the body says")


_FIX: Final = (
    f"send `{PROTOCOL_VERSION}` and `{CLIENT_CAPABILITIES}` in the `_meta` of each request"
)
