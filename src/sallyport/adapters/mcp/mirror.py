"""What the headers of a stateless request to a system repeat from its body.

A tool that asks for a header in a way the specification forbids is not offered at all, as the
specification demands of clients: its calls could not be told from forged ones.

Source: MCP 2026-07-28, "Streamable HTTP", section "Request Metadata".
"""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.adapters.mcp.era import STATELESS
from sallyport.adapters.mcp.link import Limits, Question
from sallyport.adapters.mcp.wire import field
from sallyport.model import ToolPin
from sallyport.rules import mirrors, strict_json
from sallyport.rules.mirrors import Mark, WrongMarkError


class Mirrors:
    """Which arguments of which tools a system wants to see in headers; shared by its links."""

    def __init__(self) -> None:
        self.known = False
        self._marks: dict[str, tuple[Mark, ...]] = {}

    def learn(self, pins: Sequence[ToolPin]) -> tuple[ToolPin, ...]:
        """Remember what each tool asks for, and return the tools that ask properly."""
        usable: list[ToolPin] = []
        found: dict[str, tuple[Mark, ...]] = {}
        for pin in pins:
            try:
                found[pin.tool] = mirrors.marks(pin.definition.get("inputSchema"))
            except WrongMarkError:
                continue
            usable.append(pin)
        self._marks, self.known = found, True
        return tuple(usable)

    def headers(self, question: Question, limits: Limits) -> bytes:
        """Return the header lines of a question in the stateless era, credentials apart."""
        lines = field("MCP-Protocol-Version", STATELESS) + field("Mcp-Method", question.method)
        if not question.name:
            return lines
        lines += field("Mcp-Name", mirrors.encode(question.name))
        marks = self._marks.get(question.name)
        return lines + _arguments(marks, question, limits) if marks else lines


def _arguments(marks: tuple[Mark, ...], question: Question, limits: Limits) -> bytes:
    arguments = strict_json.loads(
        question.arguments, bytes_max=len(question.arguments), depth_max=limits.depth
    )
    said = mirrors.repeated(marks, arguments)
    return b"".join(field(name, value) for name, value in said.items())
