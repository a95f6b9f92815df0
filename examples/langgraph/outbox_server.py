"""A very small system: an outbox, as an MCP server. Everything sent lands in `OUTBOX`, a file.

It knows nothing of Sallyport. In your case this is the mail system, the CRM, the ticket desk.
"""

import os
from pathlib import Path

from mcp.server.fastmcp import FastMCP
from mcp.types import ToolAnnotations

OUTBOX = Path(os.environ.get("OUTBOX", Path(__file__).with_name("outbox.txt")))
server = FastMCP("outbox", log_level="WARNING")


@server.tool(annotations=ToolAnnotations(readOnlyHint=True), structured_output=False)
def list_messages() -> str:
    """List the messages that were sent."""
    return OUTBOX.read_text(encoding="utf-8") if OUTBOX.exists() else "nothing was sent yet"


@server.tool(structured_output=False)
def send_message(to: str, text: str) -> str:
    """Send a message."""
    with OUTBOX.open("a", encoding="utf-8") as file:
        file.write(f"to {to}: {text}\n")
    return f"sent to {to}"


if __name__ == "__main__":
    server.run()
