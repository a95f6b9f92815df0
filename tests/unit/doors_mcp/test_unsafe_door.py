"""The door without a token: shut unless opened, on loopback alone, no way round a token."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from sallyport.doors.app import serve
from sallyport.doors.cli.app import run
from sallyport.doors.mcp import unsafe
from sallyport.doors.settings import FILE, Settings, load_settings, with_unsafe_door
from sallyport.errors import NotFoundError, SettingsError
from sallyport.ports import LedgerQuery
from tests.integration.mcp import recording
from tests.integration.mcp.house_fixture import AGENT, LENA, MARA, Kit, opened, raw_client
from tests.integration.mcp.recording import Recorder

OPEN: dict[str, Any] = {"unsafe_loopback_agent": AGENT, "unsafe_loopback_requester": MARA}
HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw"}},
}


@pytest.fixture
async def shut(tmp_path: Path) -> AsyncGenerator[Kit]:
    """Return a house as it is without the option."""
    async with opened(tmp_path, upstreams=Recorder()) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        yield kit


@pytest.fixture
async def ajar(tmp_path: Path) -> AsyncGenerator[Kit]:
    """Return a house whose unsafe door is open."""
    async with opened(tmp_path, upstreams=Recorder(), **OPEN) as kit:
        await kit.activate(recording.WORKFLOW, {"recorder.yaml": recording.SYSTEM_FILE})
        yield kit


async def knock(kit: Kit, **headers: str) -> int:
    """Begin a session without a token, or with these headers; return the HTTP status."""
    async with raw_client(kit, "none") as raw:
        del raw.http.headers["Authorization"]
        return (await raw.post(HELLO, **headers)).status_code


@pytest.mark.anyio
async def test_without_the_option_nobody_comes_in_without_a_token(shut: Kit) -> None:
    """It is shut by default."""
    assert await knock(shut) == 401


@pytest.mark.anyio
async def test_whoever_sends_no_token_acts_as_the_agent_for_its_requester(ajar: Kit) -> None:
    """The call is that agent's, in a standing task, and the boundary decides about it."""
    async with raw_client(ajar, "none") as raw:
        del raw.http.headers["Authorization"]
        await raw.begin()
        seen = await raw.call("look", id="R-1")
        refused = await raw.call("look", id="R-1", count=101)

    assert "isError" not in seen or not seen["isError"]
    assert refused["_meta"]["io.sallyport/call"]["verdict"] == "refuse"
    tasks = list(ajar.house.gateway.registry.tasks.values())
    assert [(one.agent, one.requester, one.standing) for one in tasks] == [(AGENT, MARA, True)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "authorization", ["Bearer spa_wrong", "Bearer", "Basic bGVuYTpsZW5h", "bearer  ", ""]
)
async def test_a_bad_token_is_still_a_bad_token(ajar: Kit, authorization: str) -> None:
    """Saying who one is and failing to show it is no way to be let in as somebody else."""
    assert await knock(ajar, Authorization=authorization) == 401


@pytest.mark.anyio
async def test_a_good_token_still_says_who_comes(ajar: Kit) -> None:
    """A task's token leads into its own task, not into the standing one."""
    async with raw_client(ajar, await ajar.task_token({})) as raw:
        await raw.begin()
        await raw.call("look", id="R-1")

    assert [one.standing for one in ajar.house.gateway.registry.tasks.values()] == [False]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "header", ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP"]
)
async def test_nobody_comes_in_through_a_proxy(ajar: Kit, header: str) -> None:
    """A proxy on this machine would open the door to everybody that it serves."""
    assert await knock(ajar, **{header: "192.0.2.7"}) == 401


@pytest.mark.anyio
@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
async def test_a_foreign_page_stays_out(ajar: Kit, header: dict[str, str]) -> None:
    """Host and origin are checked before anything else."""
    assert await knock(ajar, **header) == 403


@pytest.mark.anyio
async def test_a_session_begun_without_a_token_is_of_no_use_to_a_token(ajar: Kit) -> None:
    """The two are different callers."""
    async with raw_client(ajar, "none") as raw:
        del raw.http.headers["Authorization"]
        await raw.begin()
        raw.http.headers["Authorization"] = f"Bearer {await ajar.task_token({})}"
        answer = await raw.post({"jsonrpc": "2.0", "id": 1, "method": "ping"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "reachable",
    [
        {"host": "0.0.0.0", "allowed_hosts": ("gateway.example",)},  # noqa: S104 - what is refused
        {"host": "192.0.2.1"},
        {"allowed_hosts": ("gateway.example",)},
        {"allowed_origins": ("https://page.example",)},
    ],
)
def test_it_does_not_open_where_others_could_reach_it(reachable: dict[str, Any]) -> None:
    """Not on another address, and not behind a proxy that the settings name."""
    with pytest.raises(SettingsError, match="loopback"):
        with_unsafe_door(Settings(home=Path(), **reachable), agent=AGENT)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_it_opens_on_every_address_of_the_loopback(host: str) -> None:
    """Nobody else can reach these."""
    found = with_unsafe_door(Settings(home=Path(), host=host), agent=AGENT, requester=MARA)

    assert (found.unsafe_loopback_agent, found.unsafe_loopback_requester) == (AGENT, MARA)


def test_a_requester_without_an_agent_is_no_door() -> None:
    """Half of what was meant is an error, not a silent start without it."""
    with pytest.raises(SettingsError, match="needs an agent"):
        with_unsafe_door(Settings(home=Path()), agent="", requester=MARA)


def test_no_settings_file_can_open_it(tmp_path: Path) -> None:
    """A line that is left in a file would leave the door open."""
    (tmp_path / FILE).write_text(f"unsafe_loopback_agent: {AGENT}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="unsafe_loopback_agent"):
        load_settings(tmp_path)


@pytest.mark.anyio
async def test_opening_it_is_in_the_ledger_and_in_the_log(
    shut: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever reads either sees that it was open, for whom and as whom."""
    assert await unsafe.opened(shut.house, AGENT, MARA) == MARA

    [entry] = await shut.house.reading.search(LedgerQuery(kind="gateway.unsafe_door"))
    assert entry.body == {"agent": AGENT, "requester": MARA}
    assert "UNSAFE" in caplog.text


@pytest.mark.anyio
@pytest.mark.parametrize(
    "agent, requester, problem",
    [("nobody-bot", MARA, "nobody-bot"), (AGENT, "nobody", "nobody"), (AGENT, "", "2 people")],
)
async def test_it_opens_only_for_those_who_exist(
    shut: Kit, agent: str, requester: str, problem: str
) -> None:
    """An agent, and a requester who is named or the only one there."""
    with pytest.raises(NotFoundError, match=problem):
        await unsafe.opened(shut.house, agent, requester)


@pytest.mark.anyio
async def test_the_only_person_enrolled_is_the_requester(shut: Kit) -> None:
    """On a developer's machine there is mostly one."""
    await shut.house.people.deactivate(MARA, by=shut.signed("deactivate", {"name": MARA}))

    assert await unsafe.opened(shut.house, AGENT, "") == LENA


@pytest.mark.anyio
async def test_a_gateway_that_cannot_open_it_does_not_serve_without_it(tmp_path: Path) -> None:
    """Who asked for it must not believe that it is there."""
    settings = with_unsafe_door(Settings(home=tmp_path, port=0), agent="nobody-bot")

    with pytest.raises(NotFoundError, match="nobody-bot"):
        await serve(settings)


def test_the_command_says_why_it_does_not_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and what to do; and nothing listens."""
    (tmp_path / FILE).write_text("allowed_hosts: [gateway.example]\n", encoding="utf-8")
    words = ["serve", "--home", str(tmp_path), "--unsafe-loopback-agent", AGENT]

    assert run(words) == 2
    assert "loopback alone" in capsys.readouterr().err
    assert not (tmp_path / ".sallyport").exists()
