"""Where three MCP clients keep their servers, and how they write them down.

Sources: the clients' own documentation of 2026. Claude Desktop and Cursor keep `mcpServers` in
plain JSON; VS Code keeps `servers`, each with a `type`, in JSON with comments, and `inputs` that it
asks its user for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sallyport.doors.connect import jsonc
from sallyport.errors import BadInputError, NotFoundError, SallyportError
from sallyport.model import Json, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An MCP client: what it is called, and the shape of its configuration."""

    name: str
    title: str
    servers: str
    comments: bool = False
    typed: bool = False


CLIENTS: Mapping[str, Client] = {
    client.name: client
    for client in (
        Client(name="claude-desktop", title="Claude Desktop", servers="mcpServers"),
        Client(name="cursor", title="Cursor", servers="mcpServers"),
        Client(name="vscode", title="VS Code", servers="servers", comments=True, typed=True),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What decides where configurations lie: `system` is `sys.platform`."""

    system: str
    home: Path
    cwd: Path
    settings: Path | None = None
    """The folder of programs' settings where the system names one (APPDATA, XDG_CONFIG_HOME)."""


class ConfigError(SallyportError):
    """A client's configuration that cannot be used; nothing was changed."""

    code = "connect.config"
    fix = "name the client's configuration file with --config PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One server as the client's file has it."""

    name: str
    node: jsonc.Node
    document: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A client's configuration: its bytes, and the servers in it."""

    client: Client
    path: Path
    data: bytes
    text: str
    entries: tuple[Entry, ...]
    inputs: Mapping[str, JsonObject]
    """What VS Code asks its user for, by id."""


def places(client: Client, machine: Machine) -> tuple[Path, ...]:
    """Return where a client's configuration may lie, the most specific first."""
    programs = _programs(machine)
    match client.name:
        case "claude-desktop":
            return (programs / "Claude" / "claude_desktop_config.json",)
        case "cursor":
            return (machine.home / ".cursor" / "mcp.json",)
        case _:
            return (machine.cwd / ".vscode" / "mcp.json", programs / "Code" / "User" / "mcp.json")


def find(client: Client, machine: Machine) -> Path:
    """Return the client's configuration file.

    Raises:
        NotFoundError: There is none where the client keeps it.
    """
    for path in places(client, machine):
        if path.is_file():
            return path
    looked = " or ".join(f"`{path}`" for path in places(client, machine))
    raise NotFoundError(
        f"{client.title} has no MCP configuration at {looked}",
        fix="add a server in the client first, or name the file with --config PATH",
    )


def load(client: Client, path: Path) -> Config:
    """Read a client's configuration.

    Raises:
        ConfigError: It cannot be read, or is not what this client writes.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except OSError as error:
        raise ConfigError(f"`{path}` cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ConfigError(
            f"`{path}` is not UTF-8", fix="save it as UTF-8, then try again"
        ) from None
    return read(client, path, data, text)


def read(client: Client, path: Path, data: bytes, text: str) -> Config:
    """Read a client's configuration from its text.

    Raises:
        ConfigError: It is not what this client writes.
    """
    try:
        root = jsonc.parse(text, comments=client.comments)
    except BadInputError as error:
        raise ConfigError(f"`{path}`: {error.what}", fix=error.fix) from None
    if root.kind != "object":
        raise ConfigError(f"`{path}` holds no object")
    return Config(
        client=client,
        path=path,
        data=data,
        text=text,
        entries=_entries(client, path, root),
        inputs=_inputs(root),
    )


def rewritten(config: Config, entries: Mapping[str, JsonObject]) -> bytes:
    """Return the configuration's bytes with some servers replaced and all else as it was."""
    known = {entry.name: entry.node for entry in config.entries}
    spots = [
        (known[name].start, known[name].end, _written(config.text, known[name], document))
        for name, document in entries.items()
    ]
    return jsonc.spliced(config.text, spots).encode("utf-8")


def through(client: Client, command: list[str]) -> JsonObject:
    """Return the entry that makes a client start a command as its server."""
    program, *words = command
    args: list[Json] = [*words]
    entry: JsonObject = {"type": "stdio"} if client.typed else {}
    return {**entry, "command": program, "args": args}


def _programs(machine: Machine) -> Path:
    if machine.system == "darwin":
        return machine.home / "Library" / "Application Support"
    if machine.system == "win32":
        return machine.settings or machine.home / "AppData" / "Roaming"
    return machine.settings or machine.home / ".config"


def _entries(client: Client, path: Path, root: jsonc.Node) -> tuple[Entry, ...]:
    found = root.members.get(client.servers)
    if found is None or found.value.kind != "object":
        raise ConfigError(
            f"`{path}` has no `{client.servers}`",
            fix=f"add a server in {client.title} first, or name another file with --config PATH",
        )
    entries: list[Entry] = []
    for name, member in found.value.members.items():
        document = member.value.json()
        if not isinstance(document, dict):
            raise ConfigError(f"`{path}`: server `{name}` is no object")
        entries.append(Entry(name=name, node=member.value, document=document))
    return tuple(entries)


def _inputs(root: jsonc.Node) -> dict[str, JsonObject]:
    found = root.members.get("inputs")
    listed = found.value.json() if found else []
    inputs = listed if isinstance(listed, list) else []
    return {str(one.get("id")): one for one in inputs if isinstance(one, dict)}


def _written(text: str, old: jsonc.Node, document: JsonObject) -> str:
    """Return an entry as JSON, on one line or many as the old one was, with the file's indent."""
    if "\n" not in text[old.start : old.end]:
        return json.dumps(document, ensure_ascii=False)
    before = text[text.rfind("\n", 0, old.start) + 1 : old.start]
    margin = before[: len(before) - len(before.lstrip(" \t"))]
    newline = "\r\n" if "\r\n" in text[old.start : old.end] else "\n"
    lines = json.dumps(document, ensure_ascii=False, indent=_indent(text, old, margin)).split("\n")
    return f"{newline}{margin}".join(lines)


def _indent(text: str, old: jsonc.Node, margin: str) -> str:
    """Return by how much the file indents its members."""
    for member in old.members.values():
        before = text[text.rfind("\n", 0, member.start) + 1 : member.start]
        if not before.strip(" \t") and before.startswith(margin) and before != margin:
            return before.removeprefix(margin)
    return "  "
