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

from sallyport.errors import BadInputError, SettingsError
from sallyport.rules import channels
from sallyport.rules.boundary import values
from sallyport.rules.boundary.problems import Collector
from sallyport.rules.boundary.yaml_strict import Node, Scalar, parse, to_json
from sallyport.rules.waiting_rules import WAITING_MAX, times_of_day

FILE = "sallyport.yaml"
STATE = ".sallyport"
ROLES = "oidc_roles"
NOTIFY = "notify"
TABLES = frozenset({ROLES, NOTIFY})
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
    owners_answer: str = _setting(
        "yes", "`yes`: people may answer for agents that they own; `no`: only others may"
    )
    waiting_max: int = _setting(
        WAITING_MAX, "calls of one agent that may wait for people; one more that would is refused"
    )
    rounds: tuple[str, ...] = _setting(
        (), 'times of day, in UTC, at which what can wait is looked at together: `["09:30"]`'
    )
    cool_off_s: int = _setting(
        30,
        "seconds after the yes in which it can be taken back, for what leaves the house or nobody "
        "can take back",
    )
    cool_off_money_s: int = _setting(600, "the same where such a call moves money")
    attention: str = _setting(
        "none",
        "`exercises`: some questions are put again or made wrong, and a yes to high risk takes a "
        "look; from three people who answer on, and said to all of them; `none`: nothing of it",
    )
    canaries: int = _setting(
        20, "with `attention`: of a thousand answers, how many are made into one that is wrong"
    )
    second_looks: int = _setting(
        50, "with `attention`: of a thousand answers, how many somebody else gives once more"
    )
    viewing_s: int = _setting(
        5,
        "with `attention`: seconds for which the page of what leaves the house, or of more than an "
        "entry in a record, is in sight before a yes counts; twice that where nobody can take it "
        "back",
    )
    body_bytes_max: int = _setting(4 * MIB, "largest message an agent may send, in bytes")
    depth_max: int = _setting(64, "deepest nesting of a message an agent may send")
    allowed_hosts: tuple[str, ...] = _setting(
        (), "names in the Host header that are accepted beside loopback"
    )
    allowed_origins: tuple[str, ...] = _setting(
        (), "origins of browser pages that are accepted beside loopback"
    )
    console_host: str = _setting(
        "127.0.0.1", "address the console binds to; anything but loopback needs TLS before it"
    )
    console_port: int = _setting(8643, "port of the console; 0, or a `port` of 0, picks a free one")
    console_hosts: tuple[str, ...] = _setting(
        (), "names in the Host header that the console accepts beside loopback"
    )
    session_idle_min: int = _setting(
        30, "minutes after which an unused session of the console ends"
    )
    session_hours: int = _setting(12, "hours after which any session of the console ends")
    oidc_issuer: str = _setting(
        "", "the identity provider's issuer, exactly as it writes it; empty for none"
    )
    oidc_name: str = _setting("your provider", "what people call the identity provider")
    oidc_client_id: str = _setting("", "what this gateway is called at the identity provider")
    oidc_secret: str = _setting(
        "", "name of the stored secret that is the client's; empty for a public client"
    )
    oidc_scopes: tuple[str, ...] = _setting(
        ("openid", "email"),
        "what is asked of the identity provider; `offline_access` to stay longer",
    )
    oidc_recheck: str = _setting(
        "userinfo",
        "how the identity provider is asked whether it still stands for somebody: `userinfo`, or "
        "`refresh` where that goes on answering for whoever is gone; it needs `offline_access`",
    )
    oidc_name_claim: str = _setting(
        "email", "the claim that says what a person is called here; an e-mail must be verified"
    )
    oidc_groups_claim: str = _setting("groups", "the claim that lists a person's groups")
    oidc_roles: tuple[tuple[str, tuple[str, ...]], ...] = _setting(
        (), "roles by group, `{group: [role]}`: what each group may be here, and nothing else"
    )
    notify: channels.Notify = _setting(  # noqa: RUF009 (it cannot be changed)
        channels.Notify(), "how people are told, as docs/operators.md has it: channels by name"
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
    def console_listens_on(self) -> int:
        """The console's port; a gateway that takes any port for agents takes any for people."""
        return self.console_port if self.port else 0

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
    return Settings(home=home) if _says_nothing(text) else _read(text, home)


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


def _says_nothing(text: str) -> bool:
    """Return whether a file has no line but blank ones and remarks."""
    return all(not line or line.startswith("#") for line in map(str.strip, text.splitlines()))


def documented() -> Mapping[str, tuple[str, str]]:
    """Return every setting's default and meaning, for the documentation."""
    return {
        one.name: ("{}" if one.name in TABLES else _shown(one.default), one.metadata["about"])
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
    if name == ROLES:
        found[name] = _roles(out, node)
        return
    if name == NOTIFY:
        found[name] = channels.read(out, node)
        return
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


def _roles(out: Collector, node: Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the roles of each group, as they are written."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for group, roles in values.table(out, node, f"`{ROLES}`").values.items():
        listed = to_json(roles)
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            found.append((group, tuple(str(one) for one in listed)))
        else:
            fix = f"write {group}: [reviewer]"
            out.add(
                roles.mark, "wrong_type", f"the roles of `{group}` are not a list of texts", fix
            )
    return tuple(found)


def _kind(name: str) -> str:
    default = documented()[name][0]
    if default.startswith("["):
        return "a list of texts"
    return "a whole number" if default.isdecimal() else "a text"


def _in_range(settings: Settings) -> Settings:
    limits = {
        "port": (0, 65535),
        "console_port": (0, 65535),
        "session_idle_min": (1, 24 * 60),
        "session_hours": (1, 7 * 24),
        "hold_s": (0, 3600),
        "waiting_max": (1, 10_000),
        "cool_off_s": (0, 3600),
        "cool_off_money_s": (0, 24 * 3600),
        "canaries": (0, 200),
        "second_looks": (0, 500),
        "viewing_s": (0, 60),
        "body_bytes_max": (1024, 256 * MIB),
        "depth_max": (4, 512),
    }
    for name, (low, high) in limits.items():
        if not low <= getattr(settings, name) <= high:
            raise SettingsError(f"`{name}` is out of range in {FILE}", fix=f"use {low} to {high}")
    if settings.oidc_issuer and not (settings.oidc_client_id and settings.oidc_roles):
        raise SettingsError(
            f"`oidc_issuer` in {FILE} lacks `oidc_client_id` or `oidc_roles`",
            fix="say what this gateway is called there, and which group has which roles",
        )
    _check_choices(settings)
    if settings.oidc_recheck == "refresh" and "offline_access" not in settings.oidc_scopes:
        raise SettingsError(
            f"`oidc_recheck: refresh` in {FILE} has nothing to refresh",
            fix="add `offline_access` to `oidc_scopes`",
        )
    _check_rounds(settings)
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


def _check_choices(settings: Settings) -> None:
    choices = {
        "team": ("one", "many"),
        "oidc_recheck": ("userinfo", "refresh"),
        "owners_answer": ("yes", "no"),
        "attention": ("exercises", "none"),
    }
    for name, known in choices.items():
        if getattr(settings, name) not in known:
            fix = f"use {' or '.join(f'`{one}`' for one in known)}"
            raise SettingsError(f"`{name}` is unknown in {FILE}", fix=fix)


def _check_rounds(settings: Settings) -> None:
    try:
        times_of_day(settings.rounds)
    except BadInputError as error:
        raise SettingsError(f"{error.what} in {FILE}", fix=error.fix) from error


def _shown(default: object) -> str:
    if isinstance(default, tuple):
        return f"[{', '.join(str(one) for one in cast('tuple[object, ...]', default))}]"
    return str(default)
