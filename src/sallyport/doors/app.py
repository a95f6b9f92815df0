"""The application: the only file that knows every adapter. It opens the house and its doors.

Rules:
  1. Agents and people come in by different listeners: agents over TCP, people of this host over a
     socket that only this user can open. Neither takes the other's credentials.
  2. Nothing listens before what a crash left behind is closed.
  3. On SIGTERM the doors close first, then running calls end, then the ledger.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Collection, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sallyport.adapters.host.clock import SystemClock
from sallyport.adapters.host.ids import SystemIds
from sallyport.adapters.host.stop_file import HostStopFile
from sallyport.adapters.keys.browsers import BrowserKeys, new_push_key
from sallyport.adapters.keys.key_file import KeyFile
from sallyport.adapters.keys.people import PersonalSignatures
from sallyport.adapters.keys.tokens import new_token, token_hash
from sallyport.adapters.mcp.upstreams import McpUpstreams
from sallyport.adapters.notify import channels_of
from sallyport.adapters.prover import ProcessProver
from sallyport.adapters.storage.store import DATABASE, open_store
from sallyport.doors.api.admin import admin_routes
from sallyport.doors.api.v1 import v1_routes
from sallyport.doors.console import console_app
from sallyport.doors.mcp import mcp_routes, unsafe
from sallyport.doors.served import SERVE_FILE, served
from sallyport.doors.settings import Settings
from sallyport.errors import NotFoundError, SallyportError, SettingsError
from sallyport.flow.house import House
from sallyport.flow.opening import open_house
from sallyport.flow.outside import Outside
from sallyport.model import CoolOff, System
from sallyport.rules.attention.attention import Attention
from sallyport.rules.channels import VAPID, Push
from sallyport.rules.devices import Device
from sallyport.rules.waiting_rules import times_of_day

log = logging.getLogger("sallyport")

SHUTDOWN_S = 10

GARBAGE = 20_000
"""New objects between two looks of the collector."""


class _Wiring:
    """Closes the circle: upstreams ask for systems, and the house knows them."""

    house: House | None = None

    def built(self, house: House) -> None:
        """Take the house, before anything can leave it."""
        self.house = house

    def systems(self) -> dict[str, System]:
        """Return the systems that may be connected to now."""
        return dict(self.house.authority.systems()) if self.house else {}

    def secret(self, name: str) -> str:
        """Return a stored secret."""
        if self.house is None:
            raise NotFoundError(f"secret `{name}` is not open yet", fix="try again in a moment")
        return self.house.secrets.get(name)

    def of(self, names: Collection[str] | None = None) -> Sequence[Device]:
        """Return the devices of these people, or of everybody (for `ports.Devices`)."""
        return self.house.devices.of(names) if self.house else ()

    async def gone(self, device: str, why: str) -> None:
        """Forget a device (for `ports.Devices`)."""
        if self.house is not None:
            await self.house.devices.gone(device, why)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[House]:
    """Open the house on a state folder, and close it again whatever happens.

    Raises:
        SallyportError: The state folder cannot be used; the error says what to do.
    """
    wiring = _Wiring()
    state = settings.state
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = _key_file(state)
    store = open_store(state, key_id=key.fingerprint)
    clock = SystemClock()
    outside = Outside(
        store=store,
        upstreams=McpUpstreams(wiring.systems, wiring.secret),
        clock=clock,
        ids=SystemIds(clock),
        vault=key,
        signatures=PersonalSignatures(),
        stop_file=HostStopFile(state / "STOP"),
        prover=ProcessProver(),
        channels=channels_of(
            settings.notify,
            secret=wiring.secret,
            clock=clock,
            devices=wiring,
            keys=BrowserKeys(),
        ),
    )
    try:
        house = await open_house(
            outside,
            new_token=new_token,
            token_hash=token_hash,
            team_of_one=settings.team == "one",
            owners_answer=settings.owners_answer == "yes",
            distrust=store.opened.rolled_back,
            report=_report,
            waiting_max=settings.waiting_max,
            rounds=times_of_day(settings.rounds),
            attention=Attention(
                on=settings.attention == "exercises",
                canaries=settings.canaries,
                second_looks=settings.second_looks,
                viewing_s=settings.viewing_s,
            ),
            cool_off=CoolOff(usual_s=settings.cool_off_s, money_s=settings.cool_off_money_s),
            built=wiring.built,
            console=lambda: settings.notify.console or served(settings).console,
            sessions_last=(settings.session_idle_min * 60, settings.session_hours * 3600),
        )
    except BaseException:
        await outside.upstreams.close()
        await store.close()
        raise
    try:
        await _known_to_push_services(house, settings)
        yield house
    finally:
        await house.close()


async def _known_to_push_services(house: House, settings: Settings) -> None:
    """Make the key that push services know this gateway by, once, where people are told there."""
    told = any(isinstance(one.way, Push) for one in settings.notify.channels)
    if told and VAPID not in house.secrets.names():
        evidence = house.gateway.evidence
        await house.secrets.put(VAPID, new_push_key(), evidence=evidence, by="gateway")


def _key_file(state: Path) -> KeyFile:
    """Return the key file; it is made only where there is no database that another key sealed."""
    path = state / "key"
    return KeyFile.load(path) if (state / DATABASE).exists() else KeyFile.load_or_create(path)


def agents_app(house: House, settings: Settings) -> Starlette:
    """Return what listens for agents and openers: MCP and REST."""
    routes = [*mcp_routes(house, settings), *v1_routes(house, settings)]
    return Starlette(routes=[*routes, Route("/healthz", _healthz)])


def people_app(house: House, settings: Settings) -> Starlette:
    """Return what listens for the people of this host."""
    return Starlette(routes=[*admin_routes(house, settings), Route("/healthz", _healthz)])


async def serve(settings: Settings, ready: asyncio.Event | None = None) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    Args:
        settings: As loaded.
        ready: Set once both doors are open.

    Raises:
        SallyportError: It cannot start; nothing was changed.
    """
    async with opened(settings) as house:
        settings = await _with_requester(house, settings)
        with _listening(settings) as (agents, people, browsers):
            servers = [
                _server(agents_app(house, settings)),
                _server(people_app(house, settings)),
                _server(console_app(house, settings)),
            ]
            note = {
                "url": f"http://{settings.host}:{agents.getsockname()[1]}",
                "console": f"http://localhost:{browsers.getsockname()[1]}",
            }
            with _announced(settings, note):
                _settle()
                await _run(house, servers, [agents, people, browsers], ready)


def _settle() -> None:
    """Let the collector pass over what stays until the end, and come less often.

    A call leaves next to nothing in cycles; looking for them after every second one is a twentieth
    of its cost.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 50)


async def _with_requester(house: House, settings: Settings) -> Settings:
    """Return the settings with the unsafe door's requester settled, where that door is open."""
    agent = settings.unsafe_loopback_agent
    if not agent:
        return settings
    person = await unsafe.opened(house, agent, settings.unsafe_loopback_requester)
    return replace(settings, unsafe_loopback_requester=person)


class _Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: its own handling ends the process before our house."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield


async def _run(
    house: House,
    servers: list[_Server],
    sockets: list[socket.socket],
    ready: asyncio.Event | None,
) -> None:
    """Run the servers until a signal comes; the end of one is the end of all."""

    def leave() -> None:
        house.begin_closing()
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)

    async def one(server: _Server, sock: socket.socket) -> None:
        await server.serve(sockets=[sock])
        leave()

    async def tell() -> None:
        # uvicorn has no event for this; it is looked at until all have started.
        while not all(server.started for server in servers):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        log.info("ready")
        if ready is not None:
            ready.set()

    telling = asyncio.create_task(tell())
    try:
        await asyncio.gather(*(one(s, k) for s, k in zip(servers, sockets, strict=True)))
    finally:
        telling.cancel()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _server(app: Starlette) -> _Server:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
        proxy_headers=False,
    )
    return _Server(config)


@contextlib.contextmanager
def _listening(settings: Settings) -> Generator[tuple[socket.socket, ...]]:
    """Open the sockets of agents, of this host's people (only for this user), and of browsers."""
    with contextlib.ExitStack() as opened:
        agents = opened.enter_context(_tcp(settings.host, settings.port, "port"))
        browsers = opened.enter_context(
            _tcp(settings.console_host, settings.console_listens_on, "console_port")
        )
        people = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        _bind_private(people, settings.socket)
        opened.callback(settings.socket.unlink, missing_ok=True)
        yield agents, people, browsers


def _tcp(host: str, port: int, setting: str) -> socket.socket:
    """Return a listening socket.

    Raises:
        SettingsError: Somebody else has the port.
    """
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Without this the second half of an answer waits 40 ms for the client to acknowledge the first.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingsError(
            f"port {port} on {host} cannot be had ({error.strerror})",
            fix=f"stop what uses it, or set another `{setting}` in sallyport.yaml",
        ) from error
    sock.listen(1024)
    return sock


def _bind_private(sock: socket.socket, path: Path) -> None:
    """Bind a socket file that nobody else can open, not even for a moment."""
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    # A socket's path has room for about a hundred bytes; from inside its folder the name is short.
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(path.parent)
        sock.bind(path.name)
    except OSError as error:
        raise SettingsError(
            f"the socket `{path}` cannot be made ({error.strerror})",
            fix="put the home folder on a local disk that this user can write",
        ) from error
    finally:
        os.fchdir(here)
        os.close(here)
        os.umask(before)
    sock.listen(128)


@contextlib.contextmanager
def _announced(settings: Settings, found: dict[str, str]) -> Generator[None]:
    """Leave a note of who serves where, for the thin clients."""
    note = settings.state / SERVE_FILE
    note.write_text(json.dumps({"pid": os.getpid(), **found}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


async def _healthz(request: Request) -> JSONResponse:
    del request
    return JSONResponse({"status": "ok"})


def _report(error: BaseException) -> None:
    """Log a failure of background work: our own errors as a line, others by their kind alone."""
    if isinstance(error, SallyportError):
        log.error("%s: %s (%s)", error.code, error.what, error.fix)
    else:
        log.error("internal error: %s", type(error).__name__, exc_info=_debug(error))


def _debug(error: BaseException) -> BaseException | None:
    return error if os.environ.get("SALLYPORT_DEBUG") else None


def run(settings: Settings) -> None:
    """Run the gateway in this process until it is told to stop."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    uvicorn_log = logging.getLogger("uvicorn")
    uvicorn_log.setLevel(logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
