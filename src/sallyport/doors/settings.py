"""Every setting of a gateway, where it is read from, and what it may be.

Settings stand in `sallyport.yaml` in the home folder, read as strictly as a boundary. There are no
environment variables that change what is allowed; `SALLYPORT_HOME` only says where home is.
`docs/settings.md` is written from the fields below. The unsafe door stands in no file, so that
nobody leaves it open by leaving a line in place: it is an option of one `serve`.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, cast

from sallyport.errors import SettingsError
from sallyport.rules.boundary import values
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.yaml_strict import Node, Scalar, parse, to_json

FILE = "sallyport.yaml"
STATE = ".sallyport"
MIB = 1024 * 1024


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a gateway is told at its start. Only `home` has no default."""

    home: Path
    host: str = _setting(
        "127.0.0.1",
        "address the agents' listener binds to; anything but loopback needs TLS before it",
    )
    port: int = _setting(8642, "port of the agents' listener; 0 picks a free one")
    hold_s: int = _setting(
        45,
        "seconds a call that asks is held open, hoping for a quick answer; below the client's own",
    )
    team: str = _setting(
        "one", "`one`: a lone person may confirm their own requests, on record; `many`: nobody may"
    )
    body_bytes_max: int = _setting(4 * MIB, "largest message an agent may send, in bytes")
    depth_max: int = _setting(64, "deepest nesting of a message an agent may send")
    allowed_hosts: tuple[str, ...] = _setting(
        (), "names in the Host header that are accepted beside loopback"
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "origins of browser pages that are accepted beside loopback"
    )
    unsafe_loopback_agent: str = ""
    """The agent that requests without a token act as; empty, as it should be, for nobody."""
    unsafe_loopback_requester: str = ""
    """The person for whom they do; empty for the only one who is enrolled."""

    @property
    def state(self) -> Path:
        """The folder that the gateway alone reads and writes."""
        return self.home / STATE

    @property
    def socket(self) -> Path:
        """The socket of the people on this host; being able to open it is local presence."""
        return self.state / "sallyport.sock"

    @property
    def hold_ms(self) -> int:
        """`hold_s` in milliseconds."""
        return self.hold_s * 1000

    @property
    def on_loopback(self) -> bool:
        """Whether the agents' listener can be reached from this host alone."""
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback


def find_home(named: Path | None = None) -> Path:
    """Return the home folder: as named, from SALLYPORT_HOME, around here, or `~/.sallyport`."""
    if named is not None:
        return named.expanduser().absolute()
    if os.environ.get("SALLYPORT_HOME"):
        return Path(os.environ["SALLYPORT_HOME"]).expanduser().absolute()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    return Path.home() / ".sallyport"


def load_settings(home: Path) -> Settings:
    """Return the settings of a home folder; the defaults where it has no settings file.

    Raises:
        SettingsError: The file cannot be read, or a setting is unknown or out of range.
    """
    path = home / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(home=home)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"`{path}` cannot be read", fix="make it readable UTF-8 text, or remove it"
        ) from error
    return _read(text, home)


def with_unsafe_door(settings: Settings, *, agent: str, requester: str = "") -> Settings:
    """Return settings under which requests without a token act as an agent.

    Raises:
        SettingsError: No agent is named, or others than this machine could reach the gateway.
    """
    if not agent:
        raise SettingsError(
            "the unsafe door needs an agent", fix="name one with `--unsafe-loopback-agent`"
        )
    if not settings.on_loopback or settings.allowed_hosts or settings.allowed_origins:
        raise SettingsError(
            "the unsafe door opens on loopback alone, and others can reach this gateway",
            fix=f"take `host`, `allowed_hosts` and `allowed_origins` out of {FILE}",
        )
    return replace(settings, unsafe_loopback_agent=agent, unsafe_loopback_requester=requester)


def documented() -> Mapping[str, tuple[str, str]]:
    """Return every setting's default and meaning, for the documentation."""
    return {
        one.name: (_shown(one.default), one.metadata["about"])
        for one in fields(Settings)
        if "about" in one.metadata
    }


def _read(text: str, home: Path) -> Settings:
    out = Collector(FILE)
    node = parse(text, out)
    found: dict[str, Any] = {}
    if node is not None:
        table = values.table(out, node, "the settings")
        values.known_words(out, table, documented(), "the settings")
        for name, value in table.values.items():
            if name in documented():
                _take(out, found, name, value)
    if out.found:
        worst = min(out.found, key=lambda problem: (problem.line, problem.column))
        raise SettingsError(f"{FILE}:{worst.line}:{worst.column}: {worst.what}", fix=worst.fix)
    return _in_range(Settings(home=home, **found))


def _take(out: Collector, found: dict[str, Any], name: str, node: Node) -> None:
    default = cast(object, next(one.default for one in fields(Settings) if one.name == name))
    if isinstance(default, tuple):
        listed = to_json(node)
        if isinstance(listed, list) and all(isinstance(item, str) for item in listed):
            found[name] = tuple(listed)
            return
    elif isinstance(node, Scalar) and isinstance(default, type(node.value)):
        found[name] = node.value
        return
    fix = f"write {name}: {documented()[name][0]}"
    out.add(node.mark, "wrong_type", f"`{name}` is not {_kind(name)}", fix)


def _kind(name: str) -> str:
    default = documented()[name][0]
    if default == "[]":
        return "a list of texts"
    return "a whole number" if default.isdecimal() else "a text"


def _in_range(settings: Settings) -> Settings:
    limits = {
        "port": (0, 65535),
        "hold_s": (0, 3600),
        "body_bytes_max": (1024, 256 * MIB),
        "depth_max": (4, 512),
    }
    for name, (low, high) in limits.items():
        if not low <= getattr(settings, name) <= high:
            raise SettingsError(f"`{name}` is out of range in {FILE}", fix=f"use {low} to {high}")
    if settings.team not in {"one", "many"}:
        raise SettingsError(f"`team` is unknown in {FILE}", fix="use `one` or `many`")
    try:
        on_loopback = settings.on_loopback
    except ValueError as error:
        raise SettingsError(
            f"`host` is no address in {FILE}", fix="use an IP address, such as 127.0.0.1"
        ) from error
    if not on_loopback and not settings.allowed_hosts:
        raise SettingsError(
            f"`host` in {FILE} is not loopback and `allowed_hosts` is empty",
            fix="name the host names that clients use, and put TLS in front",
        )
    return settings


def _shown(default: object) -> str:
    return "[]" if isinstance(default, tuple) else str(default)
