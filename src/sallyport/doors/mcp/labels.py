"""What a system says to a user or an agent, with whose words they are.

Rules:
  1. Programs find the system under a `_meta` key that nobody else can set; people read it first.
  2. The system's own words stay as they are, after that. Where several speak in one text, each line
     of theirs is quoted, so that none can be taken for another's or for the gateway's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sallyport.model import Json, JsonObject
from sallyport.rules import asking

SYSTEM_KEY: Final = "io.sallyport/system"
"""Which system says this."""


INSTRUCTIONS: Final = "from system `{system}`, as it was accepted with the boundary:"


def instructions(own: str, told: Iterable[tuple[str, str]]) -> str:
    """Return the gateway's own instructions, and after them what systems tell agents beforehand.

    Args:
        own: The gateway's.
        told: Systems and their texts.
    """
    quoted = (f"{INSTRUCTIONS.format(system=name)}\n{_quoted(text)}" for name, text in told)
    return "\n\n".join((own, *quoted))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def question(request: Json, system: str) -> JsonObject:
    """Return what a system asks, with who asks: `method` and `params` of MCP."""
    said = request if isinstance(request, dict) else {}
    method, params = said.get("method"), said.get("params")
    shown: JsonObject = {**(params if isinstance(params, dict) else {})}
    if method == asking.ELICITATION:
        shown["message"] = f"from system `{system}`: {shown.get('message', '')}"
    return {"method": method, "params": {**shown, "_meta": {SYSTEM_KEY: system}}}
