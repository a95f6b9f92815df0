"""The methods of MCP that are governed like tools: their names, and what each is pinned as."""

from __future__ import annotations

import pytest

from sallyport.model import Json, JsonObject
from sallyport.rules import methods

URI: JsonObject = {"uri": {"type": "string"}}
CURSOR: JsonObject = {"cursor": {"type": "string"}}
NAMED: JsonObject = {
    "name": {"type": "string"},
    "arguments": {"type": "object", "additionalProperties": {"type": "string"}},
}
COMPLETED: JsonObject = {
    "ref": {"type": "object"},
    "argument": {"type": "object"},
    "context": {"type": "object"},
}
ABOUT: tuple[tuple[str, str, JsonObject, list[Json]], ...] = (
    ("resources/read", "Read a resource of the system.", URI, ["uri"]),
    ("resources/subscribe", "Be told when a resource changes.", URI, ["uri"]),
    ("resources/unsubscribe", "Be told no more when a resource changes.", URI, ["uri"]),
    ("prompts/get", "Get a prompt that the system offers.", NAMED, ["name"]),
    (
        "completion/complete",
        "Have the system complete an argument of a prompt or a resource template.",
        COMPLETED,
        ["ref", "argument"],
    ),
    ("resources/list", "List the resources of the system.", CURSOR, []),
    ("resources/templates/list", "List the resource templates of the system.", CURSOR, []),
    ("prompts/list", "List the prompts of the system.", CURSOR, []),
)


@pytest.mark.parametrize("method, about, properties, required", ABOUT)
def test_a_method_is_pinned_as_this(
    method: str, about: str, properties: JsonObject, required: list[Json]
) -> None:
    """The digest of a pin was signed with a boundary: not a letter of it may move."""
    assert methods.definition(method) == {
        "name": method,
        "description": about,
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        "annotations": {"readOnlyHint": True},
    }


def test_who_may_read_may_list_and_be_told_of_changes() -> None:
    """Those follow from the declared method; no other does."""
    assert methods.IMPLIED == {
        "resources/list": "resources/read",
        "resources/templates/list": "resources/read",
        "resources/subscribe": "resources/read",
        "resources/unsubscribe": "resources/read",
        "prompts/list": "prompts/get",
    }
    assert methods.DECLARED == ("resources/read", "prompts/get", "completion/complete")
    assert {method for method, *_ in ABOUT} == methods.METHODS


def test_a_list_has_a_cursor_alone() -> None:
    """The other methods have parameters of their own."""
    assert {method for method, _, properties, _ in ABOUT if properties is CURSOR} == methods.LISTS


def test_no_tool_bears_the_name_of_a_method_or_of_the_instructions() -> None:
    """So that nobody can take the one for the other."""
    assert {*methods.METHODS, "server/instructions"} == methods.NO_TOOLS


def test_instructions_are_pinned_by_their_text_under_a_name_that_no_tool_has() -> None:
    """One for each system."""
    assert methods.instructions_key("desk") == "server/instructions@desk"
    assert methods.instructions("Be brief.") == {
        "name": "server/instructions",
        "instructions": "Be brief.",
    }


def test_the_levels_of_a_log_are_those_of_the_standard() -> None:
    """RFC 5424, section 6.2.1, least urgent first."""
    assert (
        *("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"),
    ) == methods.LOG_LEVELS
