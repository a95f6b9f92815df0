"""A real MCP server with one of everything: `python everything.py [PORT] [stdio] [legacy]`.

It has the tools, resources and prompts that the official conformance suite calls by name, and says
what that suite expects. It is written with the official SDK, listens on 127.0.0.1, on a free port
unless one is named, and prints that port as its first line; or it speaks on stdin and stdout. It
knows both eras, or with `legacy` the handshake era alone.

Rules:
  1. What a client did not declare is not asked of it: such a call is refused with -32021.
  2. A question to the client is one thing in both eras: it is sent where the connection carries
     requests, and is the call's first answer where it does not.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import mcp_types as types
import uvicorn
from mcp.server import Server, ServerRequestContext
from mcp.server.lowlevel import NotificationOptions
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.runner import serve_loop
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp.shared.message import ServerMessageMetadata
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.types import ASGIApp, Receive, Scope, Send

Context = ServerRequestContext[Any]
Params = types.CallToolRequestParams | types.GetPromptRequestParams
Result = types.CallToolResult | types.InputRequiredResult
Asked = Mapping[str, types.InputRequest]
Answers = Mapping[str, types.InputResponse]
Schema = dict[str, Any]
Run = Callable[[Context, types.CallToolRequestParams], Awaitable[Result]]

NAME = "everything"
PAUSE_S = 0.03
SLOW_S = 1
RETRY_MS = 200
RESOURCE_NOT_FOUND = -32002
PIXEL_PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJg"
    "gg=="
)
SILENCE_WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQIAAACAgA=="
TEMPLATE = re.compile(r"test://template/([^/]+)/data")
NOTHING: Schema = {"type": "object", "properties": {}}

WATCHED = "test://watched-resource"
CANCELLED: list[str] = []

BUS = InMemorySubscriptionBus()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and what it does."""

    definition: types.Tool
    run: Run


TOOLS: dict[str, Tool] = {}
EXTRA: dict[str, set[str]] = {"tools": set(), "prompts": set()}


def tool(name: str, about: str, schema: Schema | None = None) -> Callable[[Run], Run]:
    """Make a function a tool."""

    def register(run: Run) -> Run:
        definition = types.Tool(name=name, description=about, input_schema=schema or NOTHING)
        TOOLS[name] = Tool(definition, run)
        return run

    return register


def objects(**properties: Schema) -> Schema:
    """Return the schema of an object all of whose members must be there."""
    return {"type": "object", "properties": properties, "required": list(properties)}


# Content


def text(said: str) -> types.TextContent:
    """Return a text block."""
    return types.TextContent(type="text", text=said)


def image() -> types.ImageContent:
    """Return an image of one pixel."""
    return types.ImageContent(type="image", data=PIXEL_PNG, mime_type="image/png")


def embedded(uri: str, said: str, mime_type: str = "text/plain") -> types.EmbeddedResource:
    """Return a resource inside a result."""
    resource = types.TextResourceContents(uri=uri, mime_type=mime_type, text=said)
    return types.EmbeddedResource(type="resource", resource=resource)


def result(*blocks: types.ContentBlock) -> types.CallToolResult:
    """Return a result of these blocks."""
    return types.CallToolResult(content=list(blocks))


# Questions to the client


def form(message: str, **properties: Schema) -> types.ElicitRequest:
    """Return a question to the client's user."""
    params = types.ElicitRequestFormParams(message=message, requested_schema=objects(**properties))
    return types.ElicitRequest(params=params)


def sample(prompt: str, max_tokens: int) -> types.CreateMessageRequest:
    """Return a question to the client's model."""
    message = types.SamplingMessage(role="user", content=text(prompt))
    params = types.CreateMessageRequestParams(messages=[message], max_tokens=max_tokens)
    return types.CreateMessageRequest(params=params)


def modern(context: Context) -> bool:
    """Return whether the request is of the stateless era."""
    return context.protocol_version in MODERN_PROTOCOL_VERSIONS


def declared(context: Context) -> set[str]:
    """Return the names of the capabilities that the client declared."""
    found = context.session.client_capabilities
    return set(found.model_dump(exclude_none=True)) if found is not None else set()


def needed(request: types.InputRequest) -> str:
    """Return the capability without which a client cannot answer."""
    return {"elicitation/create": "elicitation", "roots/list": "roots"}.get(
        request.method, "sampling"
    )


def require(context: Context, *capabilities: str) -> None:
    """Refuse the call if the client lacks one of these."""
    missing = {name: dict[str, Any]() for name in capabilities if name not in declared(context)}
    if missing:
        raise MCPError(
            types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            "the client did not declare what this needs",
            {"requiredCapabilities": missing},
        )


ANSWERS: dict[str, type[types.ElicitResult | types.ListRootsResult | types.CreateMessageResult]] = {
    "elicitation/create": types.ElicitResult,
    "roots/list": types.ListRootsResult,
    "sampling/createMessage": types.CreateMessageResult,
}


async def send(context: Context, request: types.InputRequest) -> types.InputResponse:
    """Ask the client over the connection that the call came in."""
    belongs = ServerMessageMetadata(related_request_id=context.request_id)
    return await context.session.send_request(request, ANSWERS[request.method], metadata=belongs)


async def ask(
    context: Context, params: Params, questions: Asked, *, state: str | None = None
) -> Answers | types.InputRequiredResult:
    """Return the answers, or what to answer the call with to get them."""
    require(context, *(needed(one) for one in questions.values()))
    if not modern(context):
        return {key: await send(context, one) for key, one in questions.items()}
    given = params.input_responses or {}
    if set(questions) <= set(given) and (state is None or params.request_state == state):
        return {key: given[key] for key in questions}
    return types.InputRequiredResult(input_requests=dict(questions), request_state=state)


def entered(answers: Answers, key: str) -> dict[str, Any]:
    """Return what the client's user entered; nothing where they declined."""
    answer = answers[key]
    return dict(answer.content or {}) if isinstance(answer, types.ElicitResult) else {}


def shown(answers: Answers) -> types.CallToolResult:
    """Return a result that shows the answers."""
    said = {key: one.model_dump(mode="json", exclude_none=True) for key, one in answers.items()}
    return result(text(json.dumps(said)))


# Tools that answer


@tool("test_simple_text", "Answer with a text.")
async def simple_text(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with a text."""
    return result(text("a simple text"))


@tool("test_image_content", "Answer with an image.")
async def image_content(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with an image."""
    return result(image())


@tool("test_audio_content", "Answer with a sound.")
async def audio_content(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with a sound."""
    return result(types.AudioContent(type="audio", data=SILENCE_WAV, mime_type="audio/wav"))


@tool("test_embedded_resource", "Answer with a resource.")
async def embedded_resource(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with a resource."""
    return result(embedded("test://embedded-resource", "an embedded resource"))


@tool("test_multiple_content_types", "Answer with a text, an image and a resource.")
async def multiple_content_types(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with several kinds of content."""
    mixed = embedded("test://mixed-content-resource", '{"test": "data"}', "application/json")
    return result(text("several kinds of content"), image(), mixed)


@tool("test_error_handling", "Fail, as tools do.")
async def error_handling(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with an error of the tool's own."""
    failed = result(text("this tool always fails"))
    failed.is_error = True
    return failed


@tool("test_tool_with_logging", "Log three messages on the way.")
async def tool_with_logging(context: Context, _: types.CallToolRequestParams) -> Result:
    """Log while working."""
    for said in ("started", "at work", "done"):
        await log(context, said)
        await anyio.sleep(PAUSE_S)
    return result(text("three messages were logged"))


@tool("test_logging_tool", "Log a message.")
async def logging_tool(context: Context, _: types.CallToolRequestParams) -> Result:
    """Log once."""
    await log(context, "a message")
    return result(text("a message was logged"))


async def log(context: Context, said: str) -> None:
    """Send a log message; whether it may be sent is for the SDK to know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        await context.session.send_log_message(  # pyright: ignore[reportDeprecated]
            "info", said, logger=NAME, related_request_id=context.request_id
        )


@tool("test_tool_with_progress", "Tell of progress three times.")
async def tool_with_progress(context: Context, _: types.CallToolRequestParams) -> Result:
    """Tell of progress while working."""
    for done in (0, 50, 100):
        await context.session.report_progress(done, 100, f"{done} of 100")
        await anyio.sleep(PAUSE_S)
    return result(text("progress was told three times"))


@tool("test_reconnection", "End the stream of the call before its result is sent.")
async def reconnection(context: Context, _: types.CallToolRequestParams) -> Result:
    """Let the client fetch the result over another stream."""
    # The SDK may end a stream before it has said where to go on, if it is ended at once.
    await anyio.sleep(PAUSE_S)
    if context.close_sse_stream is not None:
        await context.close_sse_stream()
    await anyio.sleep(PAUSE_S)
    return result(text("fetched after the stream had ended"))


ADDRESS: Schema = {
    "$anchor": "addressDef",
    "type": "object",
    "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
}


@tool(
    "json_schema_2020_12_tool",
    "Take arguments that a schema with many keywords describes.",
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {"address": ADDRESS},
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
)
async def json_schema_2020_12_tool(_: Context, params: types.CallToolRequestParams) -> Result:
    """Show the arguments."""
    return result(text(json.dumps(params.arguments)))


@tool(
    "test_custom_headers",
    "Take an argument that clients repeat in a header.",
    {
        "type": "object",
        "properties": {
            "region": {"type": "string", "x-mcp-header": "Region"},
            "query": {"type": "string"},
        },
    },
)
async def custom_headers(_: Context, params: types.CallToolRequestParams) -> Result:
    """Show the arguments."""
    return result(text(json.dumps(params.arguments)))


# Tools that ask


@tool("test_sampling", "Ask the client's model.", objects(prompt={"type": "string"}))
async def sampling(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask the client's model what the caller wants to know."""
    prompt = str((params.arguments or {}).get("prompt"))
    answers = await ask(context, params, {"model": sample(prompt, 100)})
    return answers if isinstance(answers, types.InputRequiredResult) else shown(answers)


@tool("test_elicitation", "Ask the client's user.", objects(message={"type": "string"}))
async def elicitation(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask the client's user for a name and an address."""
    message = str((params.arguments or {}).get("message"))
    question = form(message, username={"type": "string"}, email={"type": "string"})
    return await asked_once(context, params, {"user": question})


@tool("test_elicitation_sep1034_defaults", "Ask with defaults for every kind of value.")
async def elicitation_sep1034_defaults(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask with defaults."""
    question = form(
        "Is this right?",
        name={"type": "string", "default": "John Doe"},
        age={"type": "integer", "default": 30},
        score={"type": "number", "default": 95.5},
        status={
            "type": "string",
            "enum": ["active", "inactive", "pending"],
            "default": "active",
        },
        verified={"type": "boolean", "default": True},
    )
    return await asked_once(context, params, {"form": question})


def choices(prefix: str) -> list[Schema]:
    """Return three titled values."""
    return [{"const": f"{prefix}{n}", "title": f"{prefix} number {n}"} for n in (1, 2, 3)]


@tool("test_elicitation_sep1330_enums", "Ask with every kind of choice.")
async def elicitation_sep1330_enums(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask with choices."""
    plain = [f"option{n}" for n in (1, 2, 3)]
    legacy = {"enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]}
    question = form(
        "Which ones?",
        untitledSingle={"type": "string", "enum": plain},
        titledSingle={"type": "string", "oneOf": choices("value")},
        legacyEnum={"type": "string", **legacy},
        untitledMulti={"type": "array", "items": {"type": "string", "enum": plain}},
        titledMulti={"type": "array", "items": {"anyOf": choices("value")}},
    )
    return await asked_once(context, params, {"form": question})


@tool("test_streaming_elicitation", "Ask the client's user while a stream is open.")
async def streaming_elicitation(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask for a name."""
    return await asked_once(context, params, {"user_name": form("Who?", name={"type": "string"})})


@tool("test_missing_capability", "Need a client with sampling.")
async def missing_capability(context: Context, _: types.CallToolRequestParams) -> Result:
    """Refuse a client that did not declare sampling."""
    require(context, "sampling")
    return result(text("the client declared sampling"))


async def asked_once(
    context: Context,
    params: types.CallToolRequestParams,
    questions: Asked,
    state: str | None = None,
) -> Result:
    """Ask, then show the answers."""
    answers = await ask(context, params, questions, state=state)
    return answers if isinstance(answers, types.InputRequiredResult) else shown(answers)


WHO = form("What is your name?", name={"type": "string"})
CONFIRM = form("Go on?", ok={"type": "boolean"})


@tool("test_input_required_result_elicitation", "Ask for a name.")
async def input_required_result_elicitation(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask for a name and greet."""
    answers = await ask(context, params, {"user_name": WHO})
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return result(text(f"Hello, {entered(answers, 'user_name').get('name')}!"))


@tool("test_input_required_result_sampling", "Ask the client's model for a capital.")
async def input_required_result_sampling(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask the client's model."""
    question = sample("What is the capital of France?", 100)
    return await asked_once(context, params, {"capital_question": question})


@tool("test_input_required_result_list_roots", "Ask the client for its roots.")
async def input_required_result_list_roots(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask for roots."""
    return await asked_once(context, params, {"client_roots": types.ListRootsRequest()})


@tool("test_input_required_result_request_state", "Ask, and hand out a state to bring back.")
async def input_required_result_request_state(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask with a state."""
    answers = await ask(context, params, {"confirm": CONFIRM}, state="to be confirmed")
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return result(text("state-ok"))


@tool(
    "test_input_required_result_tampered_state", "Ask, and hand out a state that nobody can change."
)
async def input_required_result_tampered_state(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask with a state; whatever was done to it, the SDK's seal tells."""
    return await asked_once(context, params, {"confirm": CONFIRM}, "to be kept whole")


@tool("test_input_required_result_multiple_inputs", "Ask for everything at once.")
async def input_required_result_multiple_inputs(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask user, model and client in one round."""
    questions: Asked = {
        "user_name": WHO,
        "greeting": sample("Generate a greeting", 50),
        "client_roots": types.ListRootsRequest(),
    }
    return await asked_once(context, params, questions, "three questions")


@tool("test_input_required_result_multi_round", "Ask one thing after the other.")
async def input_required_result_multi_round(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask for a name, then for a color."""
    name, told = "", params.request_state or ""
    if not told.startswith("second:"):
        first = await ask(context, params, {"step1": WHO}, state="first")
        if isinstance(first, types.InputRequiredResult):
            return first
        name = str(entered(first, "step1").get("name"))
        told = f"second:{name}"
    color = form("What is your favorite color?", color={"type": "string"})
    second = await ask(context, params, {"step2": color}, state=told)
    if isinstance(second, types.InputRequiredResult):
        return second
    return result(text(f"{told.partition(':')[2]} likes {entered(second, 'step2').get('color')}"))


@tool("test_input_required_result_capabilities", "Ask only what the client can answer.")
async def input_required_result_capabilities(
    context: Context, params: types.CallToolRequestParams
) -> Result:
    """Ask whoever can be asked."""
    offered: Asked = {"user": WHO, "model": sample("Say something", 20)}
    able = declared(context)
    questions = {key: one for key, one in offered.items() if needed(one) in able}
    if not questions:
        return result(text("the client can answer nothing"))
    return await asked_once(context, params, questions)


# Tools that a gateway may turn into tasks


@tool("greet", "Greet at once.", objects(name={"type": "string"}))
async def greet(_: Context, params: types.CallToolRequestParams) -> Result:
    """Greet."""
    return result(text(f"Hello, {(params.arguments or {}).get('name')}!"))


@tool(
    "slow_compute",
    "Take a while.",
    {
        "type": "object",
        "properties": {
            "seconds": {"type": "number", "minimum": 0, "maximum": 60},
            "label": {"type": "string"},
        },
    },
)
async def slow_compute(_: Context, params: types.CallToolRequestParams) -> Result:
    """Answer after as many seconds as the caller says."""
    await anyio.sleep(float((params.arguments or {}).get("seconds", 0)))
    return result(text("computed"))


@tool("failing_job", "Fail after a while, as tools do.")
async def failing_job(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with an error of the tool's own."""
    await anyio.sleep(SLOW_S)
    failed = result(text("the job has failed"))
    failed.is_error = True
    return failed


@tool("protocol_error_job", "Fail after a while, as servers do.")
async def protocol_error_job(_: Context, __: types.CallToolRequestParams) -> Result:
    """Answer with an error of the protocol."""
    await anyio.sleep(SLOW_S)
    raise MCPError(types.INTERNAL_ERROR, "the job was lost")


@tool("confirm_delete", "Ask before deleting.", objects(filename={"type": "string"}))
async def confirm_delete(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask one question."""
    return await asked_once(context, params, {"sure": form("Sure?", confirm={"type": "boolean"})})


@tool("multi_input", "Ask two things at once.")
async def multi_input(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask two questions."""
    sure = form("Sure?", confirm={"type": "boolean"})
    return await asked_once(context, params, {"first": WHO, "second": sure})


@tool("test_tool_with_task", "Ask, then take a while.")
async def tool_with_task(context: Context, params: types.CallToolRequestParams) -> Result:
    """Ask for a name and answer with it later."""
    answers = await ask(context, params, {"user_name": WHO})
    if isinstance(answers, types.InputRequiredResult):
        return answers
    await anyio.sleep(SLOW_S)
    return result(text(f"done for {entered(answers, 'user_name').get('name')}"))


# Tools that change what is offered


def toggle(kind: str) -> None:
    """Add what is not there, or take it away again."""
    EXTRA[kind] ^= {f"test_extra_{kind}"}


@tool("test_trigger_tool_change", "Offer one tool more, or one less.")
async def trigger_tool_change(context: Context, _: types.CallToolRequestParams) -> Result:
    """Change the list of tools and say so."""
    toggle("tools")
    if not modern(context):
        await context.session.send_tool_list_changed()
    await BUS.publish(ToolsListChanged())
    return result(text("the tools have changed"))


@tool("test_trigger_prompt_change", "Offer one prompt more, or one less.")
async def trigger_prompt_change(context: Context, _: types.CallToolRequestParams) -> Result:
    """Change the list of prompts and say so."""
    toggle("prompts")
    if not modern(context):
        await context.session.send_prompt_list_changed()
    await BUS.publish(PromptsListChanged())
    return result(text("the prompts have changed"))


@tool("test_trigger_resource_update", "Touch the watched resource.")
async def trigger_resource_update(context: Context, _: types.CallToolRequestParams) -> Result:
    """Say that the watched resource, and another one, changed, and that there are others now."""
    for uri in (WATCHED, "test://static-text"):
        if not modern(context):
            await context.session.send_resource_updated(uri)
        await BUS.publish(ResourceUpdated(uri=uri))
    if not modern(context):
        await context.session.send_resource_list_changed()
    await BUS.publish(ResourcesListChanged())
    return result(text("the resources have changed"))


@tool("test_wait", "Never answer.")
async def wait(_: Context, __: types.CallToolRequestParams) -> Result:
    """Wait until cancelled, and remember that."""
    try:
        await anyio.sleep_forever()
    finally:
        CANCELLED.append("test_wait")
    raise AssertionError


@tool("test_end", "End the server.")
async def end(_: Context, __: types.CallToolRequestParams) -> Result:
    """End, as a crash does."""
    os._exit(1)


@tool("test_cancelled", "Tell what was cancelled.")
async def cancelled(_: Context, __: types.CallToolRequestParams) -> Result:
    """Tell which calls were cancelled so far."""
    return result(text(json.dumps(CANCELLED)))


async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    """List every tool, always in one order."""
    extra = [
        types.Tool(name=name, description="Comes and goes.", input_schema=NOTHING)
        for name in sorted(EXTRA["tools"])
    ]
    return types.ListToolsResult(tools=[one.definition for one in TOOLS.values()] + extra)


async def call_tool(context: Context, params: types.CallToolRequestParams) -> Result:
    """Do what the tool's function does."""
    if params.name in EXTRA["tools"]:
        return result(text("here for now"))
    found = TOOLS.get(params.name)
    if found is None:
        raise MCPError(types.INVALID_PARAMS, "there is no such tool")
    return await found.run(context, params)


# Resources

RESOURCES: dict[str, types.TextResourceContents | types.BlobResourceContents] = {
    "test://static-text": types.TextResourceContents(
        uri="test://static-text", mime_type="text/plain", text="a text that never changes"
    ),
    "test://static-binary": types.BlobResourceContents(
        uri="test://static-binary", mime_type="image/png", blob=PIXEL_PNG
    ),
    "test://watched-resource": types.TextResourceContents(
        uri="test://watched-resource", mime_type="text/plain", text="a text to subscribe to"
    ),
}


async def list_resources(
    _: Context, __: types.PaginatedRequestParams | None
) -> types.ListResourcesResult:
    """List what can be read."""
    return types.ListResourcesResult(
        resources=[
            types.Resource(
                uri=uri,
                name=uri.removeprefix("test://"),
                description="A resource.",
                mime_type=one.mime_type,
            )
            for uri, one in RESOURCES.items()
        ]
    )


async def list_templates(
    _: Context, __: types.PaginatedRequestParams | None
) -> types.ListResourceTemplatesResult:
    """List the one template."""
    template = types.ResourceTemplate(
        uri_template="test://template/{id}/data",
        name="template",
        description="Data of a number.",
        mime_type="application/json",
    )
    return types.ListResourceTemplatesResult(resource_templates=[template])


async def read_resource(
    context: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    """Read a resource, or one of the template's."""
    found = RESOURCES.get(params.uri)
    match = TEMPLATE.fullmatch(params.uri)
    if found is None and match is not None:
        said = json.dumps({"id": match[1], "data": f"data of {match[1]}"})
        found = types.TextResourceContents(uri=params.uri, mime_type="application/json", text=said)
    if found is None:
        code = types.INVALID_PARAMS if modern(context) else RESOURCE_NOT_FOUND
        raise MCPError(code, "there is no such resource", {"uri": params.uri})
    return types.ReadResourceResult(contents=[found])


async def subscribe(_: Context, __: types.SubscribeRequestParams) -> types.EmptyResult:
    """Take a subscription; nothing here ever changes."""
    return types.EmptyResult()


async def unsubscribe(_: Context, __: types.UnsubscribeRequestParams) -> types.EmptyResult:
    """End a subscription."""
    return types.EmptyResult()


# Prompts

PROMPTS: dict[str, tuple[str, ...]] = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}


async def list_prompts(
    _: Context, __: types.PaginatedRequestParams | None
) -> types.ListPromptsResult:
    """List every prompt."""
    extra = dict.fromkeys(sorted(EXTRA["prompts"]), ())
    return types.ListPromptsResult(
        prompts=[
            types.Prompt(
                name=name,
                description="A prompt.",
                arguments=[types.PromptArgument(name=one, required=True) for one in arguments],
            )
            for name, arguments in {**PROMPTS, **extra}.items()
        ]
    )


def said(*blocks: types.ContentBlock) -> types.GetPromptResult:
    """Return a prompt of these blocks."""
    messages = [types.PromptMessage(role="user", content=block) for block in blocks]
    return types.GetPromptResult(messages=messages)


async def get_prompt(
    context: Context, params: types.GetPromptRequestParams
) -> types.GetPromptResult | types.InputRequiredResult:
    """Return a prompt."""
    given = params.arguments or {}
    match params.name:
        case "test_simple_prompt":
            return said(text("a simple prompt"))
        case "test_prompt_with_arguments":
            return said(text(f"with {given.get('arg1')} and {given.get('arg2')}"))
        case "test_prompt_with_embedded_resource":
            return said(embedded(given.get("resourceUri", ""), "embedded"), text("Read this."))
        case "test_prompt_with_image":
            return said(image(), text("Look at this."))
        case "test_input_required_result_prompt":
            return await prompt_with_question(context, params)
        case _ if params.name in EXTRA["prompts"]:
            return said(text("here for now"))
        case _:
            raise MCPError(types.INVALID_PARAMS, "there is no such prompt")


async def prompt_with_question(
    context: Context, params: types.GetPromptRequestParams
) -> types.GetPromptResult | types.InputRequiredResult:
    """Ask for a context and return a prompt with it."""
    question = form("What context should the prompt use?", context={"type": "string"})
    answers = await ask(context, params, {"user_context": question})
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return said(text(f"in the context of {entered(answers, 'user_context').get('context')}"))


async def complete(_: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
    """Complete every argument to one of three cities."""
    cities = [city for city in ("paris", "park", "party") if city.startswith(params.argument.value)]
    return types.CompleteResult(completion=types.Completion(values=cities, total=len(cities)))


async def set_level(_: Context, __: types.SetLevelRequestParams) -> types.EmptyResult:
    """Take a level; everything here is logged at `info`."""
    return types.EmptyResult()


# Serving


class Events(EventStore):
    """Keeps every event of this process, so that a client can fetch what it missed."""

    def __init__(self) -> None:
        self._kept: list[tuple[str, types.JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        """Keep an event; its id is its place."""
        self._kept.append((stream_id, message))
        return str(len(self._kept) - 1)

    async def replay_events_after(
        self, last_event_id: str, send_callback: EventCallback
    ) -> str | None:
        """Send what came after an event on the same stream."""
        if not last_event_id.isdecimal() or int(last_event_id) >= len(self._kept):
            return None
        last = int(last_event_id)
        stream = self._kept[last][0]
        for place, (where, message) in enumerate(self._kept[last + 1 :], last + 1):
            if where == stream and message is not None:
                await send_callback(EventMessage(message, str(place)))
        return stream


def build() -> Server[Any]:
    """Return the server, which announces every change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MCPDeprecationWarning)
        server: Server[Any] = Server(  # pyright: ignore[reportDeprecated]
            NAME,
            version="1",
            instructions="One of everything.",
            on_list_tools=list_tools,
            on_call_tool=call_tool,
            on_list_resources=list_resources,
            on_list_resource_templates=list_templates,
            on_read_resource=read_resource,
            on_subscribe_resource=subscribe,
            on_unsubscribe_resource=unsubscribe,
            on_subscriptions_listen=ListenHandler(BUS),
            on_list_prompts=list_prompts,
            on_get_prompt=get_prompt,
            on_completion=complete,
            on_set_logging_level=set_level,
        )
    seal = RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=NAME)
    server.middleware.append(seal)
    own = server.create_initialization_options
    changes = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)

    def options(*_: object, **__: object) -> Any:
        return own(changes)

    server.create_initialization_options = options  # type: ignore[method-assign]
    return server


async def serve_stdio(*, legacy: bool) -> None:
    """Serve on stdin and stdout."""
    server = build()
    options = server.create_initialization_options()
    async with stdio_server() as (incoming, outgoing):
        if not legacy:
            await server.run(incoming, outgoing, options)
            return
        async with server.lifespan(server) as state:
            await serve_loop(server, incoming, outgoing, lifespan_state=state, init_options=options)


def without_the_new_era(app: ASGIApp) -> ASGIApp:
    """Return the application as it was when nobody knew of the stateless era."""

    async def old(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            new = (b"mcp-protocol-version", b"2026-07-28")
            scope = {**scope, "headers": [one for one in scope["headers"] if one != new]}
        await app(scope, receive, send)

    return old


def main() -> None:
    """Serve until stopped."""
    words = sys.argv[1:]
    legacy = "legacy" in words
    if "stdio" in words:
        anyio.run(lambda: serve_stdio(legacy=legacy))
        return
    port = next((int(word) for word in words if word.isdecimal()), 0)
    listener = socket.create_server(("127.0.0.1", port))
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - whoever starts it reads it
    app: ASGIApp = build().streamable_http_app(event_store=Events(), retry_interval=RETRY_MS)
    if legacy:
        app = without_the_new_era(app)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
