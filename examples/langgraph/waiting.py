"""Let a LangGraph agent wait for a person as long as it takes. Copy this file into your project.

Sallyport answers a call that a person must decide with a result that says HELD. For programs the
same stands under `io.sallyport/call` in the result's `_meta`, a key that only the gateway can
write. `wait_for_people` turns such a result into LangGraph's own `interrupt()`: the graph is saved
and stops. When it is resumed, LangGraph runs the interrupted node again from its start; that
repeats exactly the same call, and the gateway answers an approved call's repeat with its result.
"""

from typing import Any

from langchain_mcp_adapters.interceptors import MCPToolCallRequest
from langgraph.types import Command, Send, interrupt

STATEMENT = "io.sallyport/call"


async def wait_for_people(request: MCPToolCallRequest, handler: Any) -> Any:
    """Make the call; while it waits for a person, interrupt the graph.

    Give it to `MultiServerMCPClient(..., tool_interceptors=[wait_for_people])`.
    """
    result = await handler(request)
    while (said := statement(result)).get("ending") == "waiting":
        # For each time that the graph was resumed too early this returns at once; then it stops
        # the graph. So a resume repeats the call once, however many came before it.
        interrupt(
            {
                "tool": request.name,
                "args": request.args,
                "question": said.get("approval"),
                "who": said.get("who", []),
                "until": said.get("held_until"),
            }
        )
    return result


def statement(result: Any) -> dict[str, Any]:
    """Return what the gateway says about a call; nothing where there was no gateway."""
    meta: dict[str, Any] = getattr(result, "meta", None) or {}
    found: dict[str, Any] = meta.get(STATEMENT, {})
    return found


def one_task_per_call(state: dict[str, Any]) -> list[Send] | str:
    """Route the model's tool calls: each becomes a task of its own.

    This matters. In one task for all, resuming would repeat every call of the turn, and those that
    were done already would be done again. A task that has finished is never run again.
    """
    calls = getattr(state["messages"][-1], "tool_calls", [])
    return [Send("tools", [call]) for call in calls] or "__end__"


def go_on(waiting: list[Any]) -> Command[Any]:
    """Return what resumes a graph whatever number of its calls waits.

    It carries no answer: whether a call was approved is for the gateway to say, not for the caller.
    """
    return Command(resume={one.id: "go on" for one in waiting})
