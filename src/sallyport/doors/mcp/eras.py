"""Which versions of MCP are spoken here, and of which era a message is.

A message is of the stateless era as soon as its header or its body says so. What says one thing in
the header and another in the body is then turned away, whichever of the two is the older.
"""

from __future__ import annotations

from typing import Final

from sallyport.model import Json
from sallyport.rules import jsonrpc

STATELESS: Final = "2026-07-28"
"""The version in which every request says by itself what it needs to be understood."""

SPOKEN: Final = (STATELESS, *jsonrpc.VERSIONS)
"""All versions, newest first."""

PROTOCOL_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
CLIENT_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
SERVER_INFO: Final = "io.modelcontextprotocol/serverInfo"
SUBSCRIPTION_ID: Final = "io.modelcontextprotocol/subscriptionId"


def is_stateless(header: str | None, body: Json) -> bool:
    """Return whether a body belongs to the stateless era.

    Args:
        header: The header `MCP-Protocol-Version`, None where there is none.
        body: What was posted.
    """
    return header == STATELESS or _names_version(body)


def _names_version(body: Json) -> bool:
    params = body.get("params") if isinstance(body, dict) else None
    meta = params.get("_meta") if isinstance(params, dict) else None
    return isinstance(meta, dict) and PROTOCOL_VERSION in meta
