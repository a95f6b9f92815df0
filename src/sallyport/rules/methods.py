"""What an agent may ask of a system besides calling its tools: MCP methods, governed like tools.

Rules:
  1. A boundary declares such a method by its name, as if it were a tool, and each use is a call.
  2. Who may read may list and be told of changes: those methods follow from the declared one.
  3. No tool may bear such a name, so that nobody can take the one for the other.
  4. What a system tells agents beforehand, its instructions, is pinned under a name like these.
     Nobody calls it: it is read, as long as it is what was accepted with the boundary.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sallyport.model import JsonObject

INSTRUCTIONS: Final = "server/instructions"
"""What a system's instructions are pinned as."""

LOG_LEVELS: Final = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
"""The levels of what a system logs to its agent, least urgent first."""

READ: Final = "resources/read"
GET_PROMPT: Final = "prompts/get"
COMPLETE: Final = "completion/complete"
LIST_RESOURCES: Final = "resources/list"
LIST_TEMPLATES: Final = "resources/templates/list"
SUBSCRIBE: Final = "resources/subscribe"
UNSUBSCRIBE: Final = "resources/unsubscribe"
LIST_PROMPTS: Final = "prompts/list"

IMPLIED: Final[Mapping[str, str]] = {
    LIST_RESOURCES: READ,
    LIST_TEMPLATES: READ,
    SUBSCRIBE: READ,
    UNSUBSCRIBE: READ,
    LIST_PROMPTS: GET_PROMPT,
}
"""The methods that are permitted along with a declared one."""

DECLARED: Final = (READ, GET_PROMPT, COMPLETE)
"""The methods that a boundary names."""

METHODS: Final = frozenset((*DECLARED, *IMPLIED))

LISTS: Final = frozenset((LIST_RESOURCES, LIST_TEMPLATES, LIST_PROMPTS))
"""The methods whose only parameter is a cursor."""

_TEXT: Final[JsonObject] = {"type": "string"}
_BY_URI: Final[JsonObject] = {"uri": _TEXT}
_ABOUT: Final[Mapping[str, tuple[str, JsonObject, tuple[str, ...]]]] = {
    READ: ("Read a resource of the system.", _BY_URI, ("uri",)),
    SUBSCRIBE: ("Be told when a resource changes.", _BY_URI, ("uri",)),
    UNSUBSCRIBE: ("Be told no more when a resource changes.", _BY_URI, ("uri",)),
    GET_PROMPT: (
        "Get a prompt that the system offers.",
        {"name": _TEXT, "arguments": {"type": "object", "additionalProperties": _TEXT}},
        ("name",),
    ),
    COMPLETE: (
        "Have the system complete an argument of a prompt or a resource template.",
        {"ref": {"type": "object"}, "argument": {"type": "object"}, "context": {"type": "object"}},
        ("ref", "argument"),
    ),
    LIST_RESOURCES: ("List the resources of the system.", {"cursor": _TEXT}, ()),
    LIST_TEMPLATES: ("List the resource templates of the system.", {"cursor": _TEXT}, ()),
    LIST_PROMPTS: ("List the prompts of the system.", {"cursor": _TEXT}, ()),
}


NO_TOOLS: Final = METHODS | {INSTRUCTIONS}
"""The names that no tool bears."""


def instructions_key(system: str) -> str:
    """Return where a boundary keeps the pin of a system's instructions; no tool has that name."""
    return f"{INSTRUCTIONS}@{system}"


def instructions(text: str) -> JsonObject:
    """Return the definition under which instructions are pinned."""
    return {"name": INSTRUCTIONS, "instructions": text}


def definition(method: str) -> JsonObject:
    """Return the definition under which a method is pinned, in the form of a tool's."""
    about, properties, required = _ABOUT[method]
    return {
        "name": method,
        "description": about,
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": list(required),
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": True},
    }
