"""The door for agents: MCP over Streamable HTTP at `/mcp/{workflow}`, with stdio in front of it.

Rules:
  1. A bearer token says which task is meant; nothing else that an agent sends says who it is.
  2. What cannot be read in one way only is turned away here, and is not repeated in the answer.
  3. A client that leaves takes no call back: the call goes on, its result waits for a repeat.
  4. Nothing that came in a header travels on; of `_meta` only what is listed does.

How it is laid out: `door` reads one HTTP request and knows its caller, `handshake` speaks the
versions that begin with `initialize`, `stateless` the one in which every request stands for
itself, `calls` and `offer` do what both share, and `replies` writes the answer, at once or as a
stream. `resource` tells a client without a token where it is.
"""

from sallyport.doors.mcp.bounds import Bounds
from sallyport.doors.mcp.door import mcp_routes

__all__ = ["Bounds", "mcp_routes"]
