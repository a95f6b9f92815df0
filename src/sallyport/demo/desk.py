"""The support desk: a real MCP server over Streamable HTTP, in a process of its own.

It stands for the business system that Sallyport guards, so it knows nothing of Sallyport except
the `_meta` key by which a repeated request is recognised. It listens on 127.0.0.1 only, and it
answers nobody without the bearer credential in `DESK_TOKEN`: an agent that works the queue through
the gateway without ever holding that credential shows that the gateway kept it.

Run it with `python -m sallyport.demo.desk --db PATH --port N`. It prints one line when it is ready
and ends cleanly on SIGTERM, with every change on disk.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import jsonschema_rs
import uvicorn
from mcp import types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sallyport.demo.desk_store import DeskFileError, DeskRefusal, DeskStore, open_store
from sallyport.demo.desk_tools import TOOLS
from sallyport.errors import SettingsError

IDEMPOTENCY_KEY_META = "io.sallyport/idempotency-key"
"""The `_meta` key of a request that names it; the same name again brings the stored answer."""

TOKEN_VARIABLE = "DESK_TOKEN"  # noqa: S105 - the variable's name, not its value
_HOST = "127.0.0.1"


class DeskSetupError(SettingsError):
    """The desk cannot start with what it was given."""

    code = "demo.desk_setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What one desk process was asked to be."""

    db: Path
    port: int
    port_file: Path | None
    honour_keys: bool
    token: str


def desk_server(store: DeskStore) -> Server[Any]:
    """Return the MCP server that works on `store`; every call is checked against its schema."""
    checks = {tool.name: _validator(tool.input_schema) for tool in TOOLS}

    async def list_tools(
        _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=list(TOOLS))

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        check = checks.get(params.name)
        if check is None:
            return _refused(f"there is no tool `{params.name}`")
        arguments = params.arguments or {}
        if mistake := _mistake(check, arguments):
            return _refused(mistake)
        try:
            answer = store.perform(
                params.name, arguments, caller=_caller(context), key=_idempotency_key(params)
            )
        except DeskRefusal as refusal:
            return _refused(str(refusal))
        return _answered(answer)

    return Server("support-desk", version="1.0.0", on_list_tools=list_tools, on_call_tool=call_tool)


def desk_app(store: DeskStore, token: str) -> ASGIApp:
    """Return the HTTP application: MCP at `/mcp`, for holders of `token` only."""
    return _Doorkeeper(desk_server(store).streamable_http_app(host=_HOST), token)


class _Doorkeeper:
    """Answers 401 to every request that does not present the credential."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._knows(scope):
            refusal = JSONResponse(
                {"error": "present the desk's bearer credential"},
                status_code=401,
                headers={"WWW-Authenticate": "Bearer"},
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(shown) == 1 and hmac.compare_digest(shown[0], self._expected)


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        schema, validate_formats=True, retriever=_refuse_to_fetch, mask="the value"
    )


def _refuse_to_fetch(uri: str) -> NoReturn:
    raise ValueError(f"the desk's schemas refer to nothing outside: {uri}")


def _mistake(check: jsonschema_rs.Validator, arguments: dict[str, Any]) -> str:
    errors = [_place(e) + e.message for e in check.iter_errors(arguments)]
    return "; ".join(errors)


def _place(error: jsonschema_rs.ValidationError) -> str:
    path = ".".join(str(step) for step in error.instance_path)
    return f"argument `{path}`: " if path else ""


def _caller(context: ServerRequestContext[Any]) -> str:
    told = context.session.client_params
    return "unknown" if told is None else told.client_info.name


def _idempotency_key(params: types.CallToolRequestParams) -> str | None:
    meta: dict[str, Any] = dict(params.meta or {})
    key = meta.get(IDEMPOTENCY_KEY_META)
    return key if isinstance(key, str) and key else None


def _answered(answer: dict[str, Any]) -> types.CallToolResult:
    text = types.TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))
    return types.CallToolResult(content=[text], structured_content=answer)


def _refused(why: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=why)], is_error=True)


class _AnnouncingServer(uvicorn.Server):
    """Calls `ready` once, when requests are accepted."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


def serve(setup: Setup) -> None:
    """Serve until SIGTERM or SIGINT, then let go of the database.

    Raises:
        DeskSetupError: The port or the database file cannot be used.
    """
    listener = _listen(setup.port)
    with listener:
        store = _open(setup)
        try:
            _run(desk_app(store, setup.token), listener, setup.port_file)
        finally:
            store.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except (OSError, OverflowError) as taken:
        listener.close()
        raise DeskSetupError(
            f"the desk cannot listen on port `{port}`", fix="choose another one with `--port`"
        ) from taken
    return listener


def _open(setup: Setup) -> DeskStore:
    try:
        return open_store(setup.db, honour_keys=setup.honour_keys)
    except DeskFileError as wrong:
        raise DeskSetupError(
            str(wrong), fix="name a new file or an older desk's with `--db`"
        ) from wrong


def _run(app: ASGIApp, listener: socket.socket, port_file: Path | None) -> None:
    port: int = listener.getsockname()[1]
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=1
    )
    # uvicorn repeats the signal that ended it; a handler that ignores it turns that into exit 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _note_nothing)
    _AnnouncingServer(config, lambda: _announce(port, port_file)).run(sockets=[listener])


def _note_nothing(_number: int, _frame: FrameType | None) -> None:
    """Outlives uvicorn's own handler, which has already begun the orderly end."""


def _announce(port: int, port_file: Path | None) -> None:
    if port_file is not None:
        half = port_file.with_suffix(port_file.suffix + ".part")
        half.write_text(f"{port}\n", encoding="ascii")
        half.replace(port_file)
    sys.stdout.write(f"desk ready on http://{_HOST}:{port}/mcp\n")
    sys.stdout.flush()


def _setup(argv: Sequence[str] | None, token: str) -> Setup:
    parser = argparse.ArgumentParser(prog="sallyport.demo.desk", description="the demo's desk")
    parser.add_argument("--db", type=Path, required=True, help="the desk's own SQLite file")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--port-file", type=Path, help="is written when the desk is ready")
    parser.add_argument(
        "--ignore-idempotency", action="store_true", help="treat a repeated key as a new request"
    )
    given = parser.parse_args(argv)
    if not token:
        raise DeskSetupError(
            f"`{TOKEN_VARIABLE}` is not set, so nobody could be let in",
            fix=f"set `{TOKEN_VARIABLE}` to the credential that callers must present",
        )
    return Setup(
        db=given.db,
        port=given.port,
        port_file=given.port_file,
        honour_keys=not given.ignore_idempotency,
        token=token,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desk from the command line; 0 after a clean end, 2 when it could not start."""
    try:
        serve(_setup(argv, os.environ.get(TOKEN_VARIABLE, "")))
    except DeskSetupError as wrong:
        sys.stderr.write(f"{wrong.what}\nfix: {wrong.fix}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
