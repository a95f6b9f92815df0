"""The words of a system file: how a business system is reached and how its tools are handled.

An address is fetched over TLS unless it stays on this machine, and a command is a list of words
that no shell ever reads. Secrets stand as `secret:NAME`, never as themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from sallyport.model import Json, Level, Lookup, Plumbing, Recovery, System
from sallyport.rules.boundary import values
from sallyport.rules.boundary.declared import WORDS as DECLARED
from sallyport.rules.boundary.declared import declared, place
from sallyport.rules.boundary.problems import Collector, Mark
from sallyport.rules.boundary.workflow_file import LEVELS
from sallyport.rules.boundary.yaml_strict import Listing, Node, Scalar, Table, parse, to_json

WORDS = (
    "system",
    "transport",
    "url",
    "command",
    "env",
    "credential",
    "jurisdiction",
    "tools",
    "facts",
)
TOOL_WORDS = (
    "level",
    "recovery",
    "idempotency_ttl",
    "timeout",
    "before",
    "probe",
    "expects",
    *DECLARED,
)
LOOKUP_WORDS = ("tool", "args", "field")
UNDO_WORDS = ("tool", "args")
TRANSPORTS = {"http": "url", "stdio": "command"}
SECRET = "secret:"  # noqa: S105 (the mark of a reference, not a secret)
TIMEOUT_MAX_S = 3600
TTL_MAX_S = 90 * 24 * 3600

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)
_PATH = re.compile(r"[^.]{1,100}(?:\.[^.]{1,100}){0,20}")


def load_system(text: str, file: str) -> System:
    """Return the system that a file declares.

    Args:
        text: The file's text, YAML or JSON.
        file: Its name, for messages.

    Raises:
        BoundaryErrors: With every problem of the file.
    """
    out = Collector(file)
    root = values.table(out, parse(text, out), "the file")
    if not root.values:
        out.stop_if_any()
    system = _SystemReader(out).read(root)
    out.stop_if_any()
    return system


class _SystemReader:
    def __init__(self, out: Collector) -> None:
        self._out = out

    def read(self, root: Table) -> System:
        out = self._out
        found = root.values
        values.known_words(out, root, WORDS, "the system")
        values.required(out, root, {"system": "desk"}, "the system")
        self._check_transport(root)
        return System(
            name=values.name(out, found.get("system"), "the system"),
            url=self._url(found.get("url")),
            command=self._command(found.get("command")),
            environment=self._environment(found.get("env")),
            credential=self._credential(found.get("credential")),
            jurisdiction=place(out, found.get("jurisdiction")),
            tools=self._tools(found.get("tools")),
            facts=self._facts(found.get("facts")),
        )

    def _check_transport(self, root: Table) -> None:
        """Report anything but exactly one way to reach the system."""
        out, found = self._out, root.values
        if "url" in found and "command" in found:
            fix = "keep `url` for a server that runs, `command` for one to start"
            out.add(root.keys["command"], "pointless", "both `url` and `command` stand here", fix)
        elif "url" not in found and "command" not in found:
            fix = "add `url: https://...` or `command: [program, argument]`"
            out.add(root.mark, "missing_word", "the system cannot be reached", fix)
        kind = values.choice(out, found.get("transport"), TRANSPORTS, "a transport")
        if kind and TRANSPORTS[kind] not in found:
            fix = f"add `{TRANSPORTS[kind]}`, or correct `transport`"
            what = f"transport `{kind}` needs `{TRANSPORTS[kind]}`"
            out.add(root.keys["transport"], "pointless", what, fix)
        if "env" in found and "command" not in found:
            what = "`env` stands here and no program is started"
            out.add(root.keys["env"], "pointless", what, "remove it")
        if "credential" in found and "url" not in found:
            what = "`credential` is sent over HTTP and there is no `url`"
            fix = f"pass it to the program: `env: {{NAME: {SECRET}NAME}}`"
            out.add(root.keys["credential"], "pointless", what, fix)

    def _url(self, node: Node | None) -> str:
        found = values.text(self._out, node, "`url`")
        problem = _url_problem(found) if found else None
        if problem and node is not None:
            self._out.add(node.mark, "bad_url", *problem)
        return found

    def _command(self, node: Node | None) -> tuple[str, ...]:
        found = values.items(self._out, node, "`command`")
        if isinstance(node, Listing) and not found:
            self._out.add(node.mark, "empty", "`command` is empty", "name the program to start")
        return tuple(values.text(self._out, item, "an item of `command`") for item in found)

    def _environment(self, node: Node | None) -> dict[str, str]:
        out, found = self._out, values.table(self._out, node, "`env`")
        for name, mark in found.keys.items():
            if not _VARIABLE.fullmatch(name):
                fix = "use letters, digits and `_`"
                out.add(mark, "bad_name", f"`{name}` cannot be the name of a variable", fix)
        return {
            name: self._variable(value, f"the value of `{name}`")
            for name, value in found.values.items()
        }

    def _variable(self, node: Node, what: str) -> str:
        if isinstance(node, Scalar) and node.value == "":
            return ""
        found = values.text(self._out, node, what)
        if found.startswith(SECRET):
            named = found.removeprefix(SECRET)
            values.check_name(self._out, node.mark, named, "a secret")
        return found

    def _credential(self, node: Node | None) -> str:
        found = values.text(self._out, node, "`credential`").removeprefix(SECRET)
        if found and node is not None:
            values.check_name(self._out, node.mark, found, "a secret")
        return found

    def _tools(self, node: Node | None) -> dict[str, Plumbing]:
        found = values.table(self._out, node, "`tools`")
        for tool, mark in found.keys.items():
            values.check_tool(self._out, mark, tool)
        return {tool: self._plumbing(tool, value) for tool, value in found.values.items()}

    def _plumbing(self, tool: str, node: Node) -> Plumbing:
        out, plain = self._out, Plumbing()
        table = values.table(out, node, f"`{tool}`")
        found = table.values
        values.known_words(out, table, TOOL_WORDS, f"`{tool}`")
        known = [one.value for one in Recovery]
        recovery = values.choice(out, found.get("recovery"), known, "a way to recover")
        level = values.choice(out, found.get("level"), LEVELS, "a level")
        ttl = found.get("idempotency_ttl")
        self._check_recovery(table, tool, recovery)
        plumbing = Plumbing(
            recovery=Recovery(recovery) if recovery else plain.recovery,
            idempotency_ttl_s=values.seconds(out, ttl, "`idempotency_ttl`", at_most=TTL_MAX_S)
            or plain.idempotency_ttl_s,
            timeout_ms=self._timeout_ms(found.get("timeout")) or plain.timeout_ms,
            before=self._lookup_or_none(found.get("before"), "`before`"),
            probe=self._lookup_or_none(found.get("probe"), "`probe`"),
            probe_expects=to_json(found["expects"]) if "expects" in found else None,
            level=_level(level),
            undo=self._undo(table),
            **declared(out, tool, table),
        )
        self._check_tries(table, tool, plumbing)
        return plumbing

    def _check_tries(self, table: Table, tool: str, plumbing: Plumbing) -> None:
        """Report a last try that could leave when the system has forgotten the first one's key."""
        keyed = plumbing.retries and plumbing.recovery is Recovery.IDEMPOTENCY_KEY
        longest_s = (plumbing.retries + 1) * plumbing.timeout_ms // 1000
        if keyed and longest_s >= plumbing.idempotency_ttl_s:
            what = f"all tries of `{tool}` may take longer than its system knows their key"
            fix = "write fewer `retries`, a shorter `timeout` or a longer `idempotency_ttl`"
            self._out.add(table.keys["retries"], "out_of_range", what, fix)

    def _undo(self, table: Table) -> Lookup | None:
        """Return the call that takes a call back; it may use what was read before, and answered."""
        node = table.values.get("undo")
        if node is None:
            return None
        found = self._lookup(node, "`undo`", UNDO_WORDS)
        sources = [source for source in found.args.values() if isinstance(source, str)]
        if any(one.startswith("before.") for one in sources) and "before" not in table.values:
            what = "`undo` uses what stood there before, and nothing reads it"
            self._out.add(node.mark, "missing_word", what, "add `before`")
        return found

    def _timeout_ms(self, node: Node | None) -> int:
        found = values.seconds(self._out, node, "`timeout`", at_most=TIMEOUT_MAX_S)
        return (found or 0) * 1000

    def _check_recovery(self, table: Table, tool: str, recovery: str) -> None:
        """Report a word that its recovery class lacks, or would never use."""
        out, needed = self._out, ("probe", "expects")
        for word in needed:
            if recovery == Recovery.PROBE and word not in table.keys:
                what = f"`{tool}` recovers by a probe and lacks `{word}`"
                out.add(table.keys["recovery"], "missing_word", what, f"add `{word}`")
            elif recovery != Recovery.PROBE and word in table.keys:
                what = f"`{word}` of `{tool}` is never used"
                out.add(table.keys[word], "pointless", what, "add `recovery: probe`, or remove it")
        ttl = "idempotency_ttl"
        if ttl in table.keys and recovery != Recovery.IDEMPOTENCY_KEY:
            fix = "add `recovery: idempotency_key`, or remove it"
            out.add(table.keys[ttl], "pointless", f"`{ttl}` of `{tool}` is never used", fix)

    def _facts(self, node: Node | None) -> dict[str, Lookup]:
        found = values.table(self._out, node, "`facts`")
        for name, mark in found.keys.items():
            values.check_name(self._out, mark, name, "a fact")
        return {
            name: self._lookup(value, f"fact `{name}`", needs_field=True)
            for name, value in found.values.items()
        }

    def _lookup_or_none(self, node: Node | None, what: str) -> Lookup | None:
        return None if node is None else self._lookup(node, what)

    def _lookup(
        self,
        node: Node,
        what: str,
        words: tuple[str, ...] = LOOKUP_WORDS,
        *,
        needs_field: bool = False,
    ) -> Lookup:
        out = self._out
        table = values.table(out, node, what)
        found = table.values
        values.known_words(out, table, words, what)
        needed = {"tool": "tickets.get", **({"field": "state"} if needs_field else {})}
        values.required(out, table, needed, what)
        tool = values.text(out, found.get("tool"), "`tool`")
        if tool:
            values.check_tool(out, found["tool"].mark, tool)
        path = values.text(out, found.get("field"), "`field`")
        if path and not _PATH.fullmatch(path):
            fix = "write names joined by dots: `ticket.state`"
            out.add(found["field"].mark, "bad_name", "`field` is not a way to a value", fix)
        return Lookup(tool=tool, args=self._lookup_args(found.get("args")), path=path)

    def _lookup_args(self, node: Node | None) -> Mapping[str, Json]:
        found = values.table(self._out, node, "`args`")
        for name, mark in found.keys.items():
            values.check_argument(self._out, mark, name)
        return {name: self._source(value, name) for name, value in found.values.items()}

    def _source(self, node: Node, name: str) -> Json:
        value = values.scalar(self._out, node, f"the source of `{name}`")
        if isinstance(value, str) and value in {"arg.", "task.", "before.", "result."}:
            self._bad_source(node.mark, name)
        return value

    def _bad_source(self, mark: Mark, name: str) -> None:
        fix = "write `arg.NAME`, `task.NAME` or the value itself"
        self._out.add(mark, "bad_name", f"the source of `{name}` names nothing", fix)


def _level(found: str) -> Level | None:
    return LEVELS[found] if found else None


def _url_problem(text: str) -> tuple[str, str] | None:
    """Return what is wrong with an address and what to do; None when it may be used."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "`url` is not an address", "write `https://host/path`"
    if not host or port == 0 or any(character.isspace() for character in text):
        return "`url` is not an address", "write `https://host/path`"
    if parts.username is not None or parts.password is not None:
        return "`url` holds a user name or password", "name a stored secret with `credential`"
    if parts.fragment:
        return "`url` has a part after `#`", "remove it"
    return _scheme_problem(parts, host)


def _scheme_problem(parts: SplitResult, host: str) -> tuple[str, str] | None:
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return None
    if parts.scheme == "http":
        what = "`url` would send everything in clear over the network"
        return what, "use https, or an address on this machine"
    return "`url` is neither https nor http", "write `https://host/path`"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
