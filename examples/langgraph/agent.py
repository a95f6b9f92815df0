"""An agent that is stopped by a question, and goes on days later: `agent.py start | resume | show`.

    python agent.py start        works until a person has to decide; then the process ends
    python agent.py resume       goes on: in a new process, from what is in `agent.db`

The model is a script, so that this runs without a key and without a network. Everything else is
what a real agent has: LangGraph's graph, its SQLite checkpoints, LangChain's MCP adapters.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_mcp_adapters.client import MultiServerMCPClient
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from waiting import go_on, one_task_per_call, wait_for_people

URL = os.environ.get("SALLYPORT_URL", "http://127.0.0.1:8642/mcp/outbox")
SAVED = Path(os.environ.get("AGENT_DB", Path(__file__).with_name("agent.db")))
THREAD: Any = {"configurable": {"thread_id": "one"}}
TO_SEND = [
    {"to": "ada@example.com", "text": "Thank you, Ada."},
    {"to": "bob@example.com", "text": "Thank you, Bob."},
]


def model(state: MessagesState) -> dict[str, Any]:
    """Play the model: look first, then send two messages in one turn, then sum up.

    A real one stands here as `ChatWhatever().bind_tools(tools).ainvoke(state["messages"])`.
    """
    done = [one for one in state["messages"] if isinstance(one, ToolMessage)]
    if not done:
        calls = [{"id": "look", "name": "list_messages", "args": {}}]
    elif len(done) == 1:
        calls = [
            {"id": f"send-{number}", "name": "send_message", "args": args}
            for number, args in enumerate(TO_SEND)
        ]
    else:
        said = "; ".join(text_of(one) for one in done[1:])
        return {"messages": [AIMessage(f"I am done. {said}")]}
    return {"messages": [AIMessage("", tool_calls=calls)]}


async def build(saver: AsyncSqliteSaver) -> Any:
    """Return the graph: model, tools, model, ... until the model calls no tool."""
    connection: Any = {
        "transport": "streamable_http",
        "url": URL,
        "headers": {"Authorization": f"Bearer {os.environ['SALLYPORT_TOKEN']}"},
    }
    client = MultiServerMCPClient({"sallyport": connection}, tool_interceptors=[wait_for_people])
    graph = StateGraph(MessagesState)
    graph.add_node("model", model)
    graph.add_node("tools", ToolNode(await client.get_tools()))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", one_task_per_call, ["tools", END])
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=saver)


async def main(order: str) -> None:
    """Start, go on, or only look at what is saved."""
    async with AsyncSqliteSaver.from_conn_string(str(SAVED)) as saver:
        graph = await build(saver)
        if order == "start":
            await graph.ainvoke({"messages": [HumanMessage("Thank both.")]}, THREAD)
        elif order == "resume":
            await graph.ainvoke(go_on((await graph.aget_state(THREAD)).interrupts), THREAD)
        show(await graph.aget_state(THREAD))


def show(state: Any) -> None:
    """Print what the tools have said, and what waits for whom."""
    for message in state.values.get("messages", []):
        if isinstance(message, ToolMessage):
            print(f"{message.name}: {text_of(message)}")
    for one in state.interrupts:
        asked = one.value
        print(f"waits: {asked['tool']} {json.dumps(asked['args'])}")
        print(f"       {' or '.join(asked['who'])} must answer {asked['question']}")
    if not state.next:
        print(state.values["messages"][-1].content)


def text_of(message: ToolMessage) -> str:
    """Return a tool message's text, whether it is one text or blocks."""
    if isinstance(message.content, str):
        return message.content
    return "\n".join(block["text"] for block in message.content if isinstance(block, dict))


if __name__ == "__main__":
    if sys.argv[1:] not in (["start"], ["resume"], ["show"]):
        raise SystemExit("usage: agent.py start | resume | show")
    if "SALLYPORT_TOKEN" not in os.environ:
        raise SystemExit("SALLYPORT_TOKEN is not set: see README.md, step 2")
    asyncio.run(main(sys.argv[1]))
