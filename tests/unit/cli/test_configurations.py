"""Reading and rewriting what clients keep: only what is replaced changes."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.connect import clients, jsonc
from sallyport.doors.connect.clients import (
    CLIENTS,
    ConfigError,
    Machine,
    places,
    rewritten,
    through,
)
from sallyport.doors.connect.servers import Server, Surroundings, UnsuitableError, from_entry
from sallyport.errors import BadInputError, MalformedJsonError, NotFoundError
from tests.unit.cli.configs import ALL, SECRETS, config

HOME = Path("/home/ada")
AROUND = Surroundings(
    user=HOME,
    workspace=HOME / "project",
    variables={"NOTES_TOKEN": "hunter2hunter2", "PLAIN": "hello"},
    ask=lambda name, _: "pplx-Qm3kTz81xLw0aVb7" if name == "perplexity-key" else None,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


def servers_of(client: str) -> tuple[Mapping[str, Server], Mapping[str, str]]:
    """Return the servers that can be taken in, and why others cannot."""
    taken: dict[str, Server] = {}
    left: dict[str, str] = {}
    found = config(client)
    for entry in found.entries:
        try:
            taken[entry.name] = from_entry(found, entry, AROUND, name=entry.name.split()[0])
        except UnsuitableError as reason:
            left[entry.name] = str(reason)
    return taken, left


@given(values)
def test_what_json_reads_is_read_the_same(value: object) -> None:
    """A plain document has one meaning, whoever reads it."""
    text = json.dumps(value)

    assert jsonc.parse(text, comments=False).json() == json.loads(text)
    assert jsonc.parse(f"// c\n {text} /* d */ ", comments=True).json() == json.loads(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    """Nothing but our own errors comes out of a broken file."""
    with contextlib.suppress(BadInputError):
        jsonc.parse(text, comments=True).json()


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,}',
        '{"a": 1} // c',
        '{"a": 1, "a": 2}',
        '{"a" 1}',
        '{"a": 1',
        "[1 2]",
        '{"a": 01}',
        '"\n"',
    ],
)
def test_what_the_client_could_not_read_is_refused(text: str) -> None:
    """A file that its own program reads otherwise, or not at all, is left alone."""
    with pytest.raises(MalformedJsonError, match=r"line \d+ column \d+"):
        jsonc.parse(text, comments=False)


@pytest.mark.parametrize("client", ALL)
def test_only_the_replaced_entries_change(client: str) -> None:
    """Comments, line ends, odd indentation and unknown keys stay byte for byte."""
    found = config(client)
    first = found.entries[0]
    data = rewritten(found, {first.name: through(found.client, ["/bin/sallyport", "mcp"])})
    after = config(client, data)
    kept_before = found.text[: first.node.start], found.text[first.node.end :]
    start, end = after.entries[0].node.start, after.entries[0].node.end
    text = data.decode()

    assert (text[:start], text[end:]) == kept_before
    assert after.entries[0].document["command"] == "/bin/sallyport"
    assert [e.document for e in after.entries[1:]] == [e.document for e in found.entries[1:]]
    assert data.count(b"\r\n") == data.count(b"\n") or b"\r" not in found.data


@given(
    st.sampled_from(["", " ", "\n", "\r\n\t", "  \n    "]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_replacing_an_entry_by_itself_keeps_the_rest(blank: str, line: str, spread: bool) -> None:
    """Whatever the white space, what lies outside the entry is what it was."""
    inner = f'{{{line}"command":{blank}"x"{line}}}' if spread else '{"command": "x"}'
    both = f'"a":{blank}{inner}{blank}, "b": {inner}'
    text = f'{blank}{{{line} "mcpServers"{blank}:{{ {both} }}{blank}}}{blank}'
    found = config("cursor", text.encode())
    data = rewritten(found, {"b": {"command": "y"}})
    node = found.entries[1].node

    assert data.startswith(text[: node.start].encode())
    assert data.endswith(text[node.end :].encode())
    assert rewritten(found, {}) == text.encode()


@pytest.mark.parametrize("client", ALL)
def test_no_credential_stays_in_a_server(client: str) -> None:
    """What becomes of an entry holds names of secrets, and the secrets lie apart."""
    taken, _ = servers_of(client)
    kept = [value for server in taken.values() for value in server.secrets.values()]

    assert taken
    assert not any(secret in repr(server) for server in taken.values() for secret in SECRETS)
    assert set(kept) <= set(SECRETS)
    assert kept


def test_a_bearer_header_becomes_the_credential() -> None:
    """An address is reached with the same token as before, from storage."""
    remote = servers_of("cursor")[0]["remote notes"]

    assert (remote.url, remote.credential) == ("https://notes.example.com/mcp", "remote.token")
    assert remote.secrets == {"remote.token": "hunter2hunter2"}


def test_a_credential_in_the_arguments_is_filled_in_at_the_start() -> None:
    """The command names the secret, and a small program of ours puts it in."""
    search = servers_of("cursor")[0]["search"]

    assert search.command[1:3] == ("-m", "sallyport.doors.connect.spell")
    assert search.command[-2:] == ("--api-key", "secret:ARG_API_KEY")
    assert search.environment == {"ARG_API_KEY": "secret:search.ARG_API_KEY"}


def test_variables_of_the_client_are_filled_in() -> None:
    """What VS Code would ask for or know is asked for or known."""
    server = servers_of("vscode")[0]["Perplexity"]

    assert server.command[-1] == "/home/ada/project"
    assert server.secrets == {"Perplexity.PERPLEXITY_API_KEY": "pplx-Qm3kTz81xLw0aVb7"}


def test_what_cannot_be_taken_over_is_left_with_its_reason() -> None:
    """A server taken in by halves would behave otherwise than before."""
    taken, left = servers_of("vscode")

    assert list(taken) == ["Perplexity", "off"]
    assert "SSE" in left["old"]
    assert "`cwd`" in left["folder"]


@pytest.mark.parametrize(
    "entry",
    [
        {"url": "https://x.example.com/mcp?apiKey=abc123def456"},
        {"url": "https://ada:pw@x.example.com/mcp"},
        {"url": "https://x.example.com/mcp", "headers": {"X-Api-Key": "abc"}},
        {"url": "https://x.example.com/${env:NOTES_TOKEN}"},
        {"command": "no-such-program-anywhere"},
        {"command": "python3", "args": ["${env:MISSING}"]},
        {"command": "python3", "args": ["${command:pick}"]},
        {"command": "python3", "envFile": ".env"},
        {"args": ["x"]},
    ],
)
def test_credentials_that_no_file_may_keep_are_not_kept(entry: dict[str, object]) -> None:
    """Such a server stays where it is, and the person is told."""
    found = config("cursor", json.dumps({"mcpServers": {"a": entry}}).encode())

    with pytest.raises(UnsuitableError):
        from_entry(found, found.entries[0], AROUND, name="a")


@pytest.mark.parametrize("data", [b"[]", b"{}", b'{"mcpServers": []}', b'{"mcpServers": {"a": 1}}'])
def test_a_file_of_another_shape_is_refused(data: bytes) -> None:
    """One clear sentence, and nothing was changed."""
    with pytest.raises(ConfigError):
        config("cursor", data)


@pytest.mark.parametrize(
    "client,system,expected",
    [
        ("claude-desktop", "linux", ".config/Claude/claude_desktop_config.json"),
        (
            "claude-desktop",
            "darwin",
            "Library/Application Support/Claude/claude_desktop_config.json",
        ),
        ("claude-desktop", "win32", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("cursor", "linux", ".cursor/mcp.json"),
        ("vscode", "linux", ".config/Code/User/mcp.json"),
        ("vscode", "darwin", "Library/Application Support/Code/User/mcp.json"),
    ],
)
def test_each_client_is_looked_for_where_it_keeps_its_file(
    client: str, system: str, expected: str
) -> None:
    """On every system that the clients run on."""
    machine = Machine(system=system, home=HOME, cwd=Path("/project"))

    assert HOME / expected in places(CLIENTS[client], machine)


def test_a_client_without_a_file_is_a_clear_error(tmp_path: Path) -> None:
    """It says where it looked."""
    machine = Machine(system="linux", home=tmp_path, cwd=tmp_path)

    with pytest.raises(NotFoundError, match=r"mcp\.json"):
        clients.find(CLIENTS["cursor"], machine)
