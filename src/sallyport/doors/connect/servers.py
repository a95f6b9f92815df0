"""One server as Sallyport needs it, from what a client's file, an address or a command says.

What Sallyport cannot take over in full is unsuitable, with the reason: a server taken in without
its working folder or one of its headers would behave otherwise than before.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sallyport.doors.connect import credentials
from sallyport.doors.connect.clients import Config, Entry
from sallyport.model import JsonObject

KNOWN: Final = frozenset(
    {"type", "command", "args", "env", "url", "headers", "disabled", "alwaysAllow", "autoApprove"}
)
"""What an entry may say; the last three concern the client alone."""

_VARIABLE = re.compile(r"\$\{([^${}]+)\}")
_BEARER = re.compile(r"bearer\s+(\S+)", re.IGNORECASE)
_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9_.-]+", re.ASCII)


class UnsuitableError(Exception):
    """A server that cannot go through Sallyport, in one clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server: how it is reached, and the credentials that this takes, by their stored names.

    `environment` and `credential` name what is in `secrets`; nothing else holds a credential.
    """

    name: str
    url: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    credential: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an entry's variables stand for.

    `ask` gets the value of an input that the client would ask its user for, or None.
    """

    user: Path
    workspace: Path
    variables: Mapping[str, str]
    ask: Callable[[str, str], str | None]


def slug(text: str) -> str:
    """Return a name that a file, a workflow and a system can have."""
    name = _NOT_IN_NAME.sub("-", text).strip("-._")
    return name[:48] or "server"


def from_entry(config: Config, entry: Entry, around: Surroundings, *, name: str) -> Server:
    """Return the server of a client's entry.

    Raises:
        UnsuitableError: It says something that Sallyport cannot take over.
    """
    unknown = sorted(set(entry.document) - KNOWN)
    if unknown:
        raise UnsuitableError(f"its entry uses `{unknown[0]}`, which cannot be taken over")
    filled = _Filled(config, around)
    if entry.document.get("url"):
        if entry.document.get("type") == "sse":
            raise UnsuitableError("it speaks the old SSE transport")
        headers = filled.table(entry.document, "headers")
        return from_url(name, filled.text(str(entry.document["url"])), headers, filled.secret)
    command = entry.document.get("command")
    if not isinstance(command, str) or not command:
        raise UnsuitableError("its entry names neither a command nor an address")
    words = [filled.text(word) for word in (command, *_words(entry.document))]
    return from_command(name, words, filled.table(entry.document, "env"), filled.secret)


def from_url(
    name: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    secret: Collection[str] = (),
) -> Server:
    """Return the server at an address.

    Raises:
        UnsuitableError: The address holds a credential, or a header cannot be sent.
    """
    if credentials.address_holds_one(url) or any(value in url for value in secret if value):
        raise UnsuitableError("its address holds a credential, which no file may keep")
    kept: dict[str, str] = {}
    for header, value in (headers or {}).items():
        bearer = _BEARER.fullmatch(value.strip())
        if header.lower() != "authorization" or bearer is None:
            raise UnsuitableError(
                f"it needs the header `{header}`, and only bearer tokens are sent"
            )
        kept[f"{name}.token"] = bearer[1]
    return Server(name=name, url=url, credential=next(iter(kept), ""), secrets=kept)


def from_command(
    name: str,
    words: Sequence[str],
    environment: Mapping[str, str] | None = None,
    secret: Collection[str] = (),
) -> Server:
    """Return the server that a command starts.

    Args:
        name: What to call it.
        words: The program and its arguments.
        environment: What it sees.
        secret: Values that are credentials, whatever they are called.

    Raises:
        UnsuitableError: There is no such program.
    """
    program = shutil.which(words[0])
    if program is None:
        raise UnsuitableError(f"there is no program `{words[0]}` here")
    cleaned = credentials.cleaned(words[1:], secret)
    command = [str(Path(program).absolute()), *cleaned.words]
    hidden = {*secret, *cleaned.found.values()}
    visible, kept = _hidden(name, {**(environment or {}), **cleaned.found}, hidden)
    if cleaned.found:
        spell = [sys.executable, "-m", "sallyport.doors.connect.spell"]
        command = [*spell, *cleaned.found, "--", *command]
    return Server(name=name, command=tuple(command), environment=visible, secrets=kept)


def _hidden(
    name: str, environment: Mapping[str, str], secret: set[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the environment with its credentials by name, and those credentials."""
    visible: dict[str, str] = {}
    kept: dict[str, str] = {}
    for variable, value in environment.items():
        telling = credentials.is_credential(variable, value)
        if telling or any(one in value for one in secret if one):
            stored = slug(f"{name}.{variable}"[:64])
            kept[stored] = value
            visible[variable] = f"secret:{stored}"
        else:
            visible[variable] = value
    return visible, kept


class _Filled:
    """Puts in what the client would put in for `${…}`, and remembers which of it is secret."""

    def __init__(self, config: Config, around: Surroundings) -> None:
        self._config = config
        self._around = around
        self.secret: set[str] = set()

    def text(self, text: str) -> str:
        return _VARIABLE.sub(self._value, text)

    def table(self, document: JsonObject, key: str) -> dict[str, str]:
        found = document.get(key)
        named = found if isinstance(found, dict) else {}
        return {
            name: self.text(_plain(value)) for name, value in named.items() if value is not None
        }

    def _value(self, found: re.Match[str]) -> str:
        kind, _, name = found[1].partition(":")
        match kind:
            case "userHome":
                return str(self._around.user)
            case "workspaceFolder":
                return str(self._around.workspace)
            case "pathSeparator" | "/":
                return "/"
            case "env":
                return self._from_environment(name)
            case "input":
                return self._from_person(name)
            case _:
                raise UnsuitableError(f"its entry uses `{found[0]}`, which cannot be taken over")

    def _from_environment(self, name: str) -> str:
        value = self._around.variables.get(name)
        if value is None:
            raise UnsuitableError(f"its entry uses the variable `{name}`, which is not set here")
        if credentials.is_credential(name, value):
            self.secret.add(value)
        return value

    def _from_person(self, name: str) -> str:
        about = self._config.inputs.get(name, {})
        value = self._around.ask(name, str(about.get("description") or name))
        if not value:
            raise UnsuitableError(f"its input `{name}` was not given")
        if about.get("password") is True or credentials.is_credential(name, value):
            self.secret.add(value)
        return value


def _words(document: JsonObject) -> list[str]:
    found = document.get("args")
    return [_plain(word) for word in found] if isinstance(found, list) else []


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise UnsuitableError("its entry nests values where text is expected")
    return str(value)
