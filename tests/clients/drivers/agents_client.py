"""OpenAI's agents SDK: `-m tests.clients.drivers.agents_client`, TARGET as for the SDKs.

A whole loop of its `Runner` runs, with its own `MCPServerStreamableHttp`; only the model is a
script. It calls one tool with given arguments, and then ends with what the tool has told it.
"""

import asyncio
import importlib
import json
import os
from typing import Any, cast

from tests.clients.drivers.talk import Order, obey, ruling

agents: Any = importlib.import_module("agents")
mcp: Any = importlib.import_module("agents.mcp")
responses: Any = importlib.import_module("openai.types.responses")
PATIENCE_S = 60
"""How long a call may take: the SDK itself would give up after 5 s, before most people answer."""


class Script:
    """A model in name: calls the tool, then repeats what it was told."""

    def __init__(self, tool: str, args: dict[str, Any]) -> None:
        self._tool = tool
        self._args = args

    async def get_response(self, *given: Any, **named: Any) -> Any:
        """Answer a turn."""
        heard: list[Any] = given[1] if len(given) > 1 else named["input"]
        turns = [cast("dict[str, Any]", one) for one in heard if isinstance(one, dict)]
        outputs = [one["output"] for one in turns if one.get("type") == "function_call_output"]
        output = self._message(outputs[-1]) if outputs else self._call()
        return agents.ModelResponse(output=[output], usage=agents.Usage(), response_id=None)

    async def close(self) -> None:
        """Nothing is open."""

    async def _cleanup_on_run_end(self, owner: object) -> None:
        """Nothing was kept for a run."""

    def get_retry_advice(self, request: object) -> None:
        """Nothing is ever tried again."""

    def _call(self) -> Any:
        return responses.ResponseFunctionToolCall(
            type="function_call",
            call_id="call_1",
            name=self._tool,
            arguments=json.dumps(self._args),
        )

    def _message(self, output: Any) -> Any:
        return responses.ResponseOutputMessage(
            id="message_1",
            type="message",
            role="assistant",
            status="completed",
            content=[
                responses.ResponseOutputText(
                    type="output_text", text=text_of(output), annotations=[]
                )
            ],
        )


class Scripts:
    """Says which model there is, however it is called."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def get_model(self, name: str | None) -> Script:
        """Return the one there is."""
        del name
        return self._script

    async def aclose(self) -> None:
        """Nothing is open."""


def text_of(output: Any) -> str:
    """Return the text of a tool's output, whether it is one text or blocks."""
    if isinstance(output, str):
        return output
    blocks = cast("list[dict[str, Any]]", output if isinstance(output, list) else [output])
    return "\n".join(str(block.get("text", "")) for block in blocks)


def statement(context: Any) -> dict[str, Any] | None:
    """Keep what the gateway says for programs: the model does not see it, the application does."""
    said = ruling(context.result_meta)
    return {"sallyport": said} if said else None


async def main() -> None:
    """Connect, then run an agent for every call."""
    agents.set_tracing_disabled(disabled=True)
    target = json.loads(os.environ["TARGET"])
    async with mcp.MCPServerStreamableHttp(
        params={"url": target["url"], "headers": target["headers"], "timeout": PATIENCE_S},
        client_session_timeout_seconds=target.get("patience_s", PATIENCE_S),
        custom_data_extractor=statement,
    ) as server:

        async def names(_: Order) -> Any:
            return sorted(tool.name for tool in await server.list_tools())

        async def call(order: Order) -> Any:
            agent = agents.Agent(name="desk", instructions="Do it.", mcp_servers=[server])
            script = Script(order["tool"], order["args"])
            config = agents.RunConfig(model_provider=Scripts(script), tracing_disabled=True)
            result = await agents.Runner.run(agent, "Do it.", run_config=config)
            said = [getattr(item, "custom_data", None) for item in result.new_items]
            told = next((one["sallyport"] for one in said if one), None)
            return {"text": str(result.final_output), "ruling": told}

        await obey({"list": names, "call": call})


if __name__ == "__main__":
    asyncio.run(main())
