"""Connecting, in order: look, propose, show, ask, put in force, and last of all the client's file.

Whatever fails before the last step leaves the client as it was, and takes back the files that were
written for it. A boundary that was signed by then stays in force, and no credential leads to it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sallyport.adapters.keys.tokens import token_hash
from sallyport.doors.connect import originals, proposal
from sallyport.doors.connect.clients import Config, Entry, rewritten, through
from sallyport.doors.connect.originals import Connection
from sallyport.doors.connect.parties import Dialogue, Gateway, Owner, Signer, objects, signed, texts
from sallyport.doors.connect.proposal import Proposal, Wish
from sallyport.doors.connect.schemas import keep_schemas
from sallyport.doors.connect.servers import (
    Server,
    Surroundings,
    UnsuitableError,
    from_entry,
    slug,
)
from sallyport.errors import ConflictError, SallyportError
from sallyport.model import JsonObject, Level, Stage

NAMES_MAX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What a client's file holds: servers to take in, those left as they are and why, those in."""

    servers: Mapping[str, Server]
    left: Mapping[str, str] = field(default_factory=dict[str, str])
    already: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it. `stage` is the agent's; `commands` start each workflow's door."""

    connection: str
    proposals: Mapping[str, Proposal]
    left: Mapping[str, str]
    already: tuple[str, ...]
    stage: str
    commands: Mapping[str, Sequence[str]]
    restart: str = ""
    waiting: tuple[str, ...] = ()
    """Whose signature is still needed before a boundary counts, a sentence each."""

    def as_dict(self) -> JsonObject:
        """Return it for JSON output."""
        return {
            "connection": self.connection,
            "stage": self.stage,
            "servers": {
                name: {
                    "workflow": one.name,
                    "digest": one.digest,
                    "tools": {tool.name: tool.level.name.lower() for tool in one.tools},
                    "left_out": [*one.left_out],
                    "secrets": [*sorted(one.server.secrets)],
                    "command": [*self.commands[name]],
                }
                for name, one in self.proposals.items()
            },
            "left": dict(self.left),
            "already": [*self.already],
            "waiting": [*self.waiting],
            "summary": [*ending(self)],
        }


@dataclass(slots=True, kw_only=True)
class Setup:
    """Connects servers for one agent.

    Args:
        gateway: The gateway, running.
        home: The home folder.
        state: Its state folder.
        program: The absolute path of `sallyport` as the client shall start it.
        owner: Whose authority it rests on.
        dialogue: Who is asked.
        wish: What is known of the workflows.
        writes: `draft`, `ask`, or empty to ask the person.
    """

    gateway: Gateway
    home: Path
    state: Path
    program: Path
    owner: Owner
    dialogue: Dialogue
    wish: Wish
    writes: str = ""
    made: list[Path] = field(default_factory=list[Path])
    tokens: list[str] = field(default_factory=list[str])

    def survey(self, config: Config, around: Surroundings) -> Survey:
        """Sort a client's servers into those to take in and those to leave."""
        servers: dict[str, Server] = {}
        left: dict[str, str] = {}
        already: list[str] = []
        for entry in config.entries:
            if is_through(entry):
                already.append(entry.name)
            elif entry.document.get("disabled") is True:
                left[entry.name] = "it is switched off in the client"
            else:
                taken = {server.name for server in servers.values()}
                name = proposal.free_name(self.home, slug(entry.name), self.wish.agent, taken)
                try:
                    servers[entry.name] = from_entry(config, entry, around, name=name)
                except UnsuitableError as reason:
                    left[entry.name] = str(reason)
        return Survey(servers=servers, left=left, already=tuple(already))

    def propose(self, survey: Survey) -> tuple[Mapping[str, Proposal], Survey]:
        """Propose a boundary per server; a server that cannot be looked at is left as it is."""
        proposals: dict[str, Proposal] = {}
        left = dict(survey.left)
        for name, server in survey.servers.items():
            self.dialogue.say(f"looking at `{server.name}` ...")
            try:
                kept = proposal.kept(self.home, server)
                found = proposal.propose(self.gateway, server, self.wish, kept)
            except SallyportError as error:
                left[name] = error.what.splitlines()[0]
                continue
            errors = proposal.problems(found.problems, "error")
            if errors:
                left[name] = errors[0]
            else:
                proposals[name] = found
        return proposals, Survey(servers=survey.servers, left=left, already=survey.already)

    def carry_out(
        self, proposals: Mapping[str, Proposal], survey: Survey, config: Config | None
    ) -> Outcome:
        """Put what was shown in force, then rewrite the client's file if there is one.

        Raises:
            SallyportError: It could not be done; the client's file is as it was.
        """
        connection = originals.fresh_id(self.state, self.wish.agent)
        try:
            return self._carry_out(connection, proposals, survey, config)
        except BaseException:
            self._take_back(connection)
            raise

    def _carry_out(
        self,
        connection: str,
        proposals: Mapping[str, Proposal],
        survey: Survey,
        config: Config | None,
    ) -> Outcome:
        signer = self.owner.signer()
        known = self._agent(signer)
        commands: dict[str, Sequence[str]] = {}
        waiting: list[str] = []
        for name, one in proposals.items():
            self._keep_files(one)
            answer = proposal.sign(self.gateway, signer, said=one.said, digest=one.digest)
            waiting += texts(answer.get("missing"))
            commands[name] = self._door(connection, one, signer)
        stage = self._stage(known, signer)
        self._rewrite(connection, config, proposals, commands)
        return Outcome(
            connection=connection,
            proposals=proposals,
            left=survey.left,
            already=survey.already,
            stage=stage,
            commands=commands,
            waiting=tuple(waiting),
            restart=config.client.title if config else "",
        )

    def _agent(self, signer: Signer) -> str:
        """Return the agent's stage, registering it where it is new."""
        name = self.wish.agent
        for known in objects(self.gateway.get("agents"), "agents"):
            if known.get("name") == name:
                return str(known.get("stage", Stage.DRAFT.value))
        said = dict.fromkeys(("owner", "contact", "by"), signer.name)
        self.gateway.post("agents", {"name": name, "purpose": self.wish.purpose, **said})
        return Stage.DRAFT.value

    def _stage(self, known: str, signer: Signer) -> str:
        """Ask whether writes shall ask a person in place of becoming drafts; return the stage."""
        if known != Stage.DRAFT.value or self.writes == Stage.DRAFT.value:
            return known
        question = "Writes become drafts that you release. Let writes ask you instead?"
        if self.writes != Stage.ASK.value and not self.dialogue.agrees(question):
            return known
        details: JsonObject = {
            "agent": self.wish.agent,
            "stage": Stage.ASK.value,
            "because": "connected by its owner, who is asked for every write",
        }
        self.gateway.post("agents/stage", {**details, "signed": signed(signer, "stage", details)})
        return Stage.ASK.value

    def _keep_files(self, one: Proposal) -> None:
        self.made += keep_schemas(self.home)
        for kind, text in (("systems", one.system), ("workflows", one.workflow)):
            path = self.home / kind / f"{one.name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            self.made.append(path)
            originals.write(path, text.encode(), 0o644)

    def _door(self, connection: str, one: Proposal, signer: Signer) -> list[str]:
        """Return the command that is this workflow's door, with a token of its own in a file."""
        body: JsonObject = {
            "kind": "agent",
            "agent": self.wish.agent,
            "workflow": one.name,
            "person": signer.name,
            "label": f"connection {connection}",
            "lasts_s": 0,
            "by": signer.name,
        }
        token = str(self.gateway.post("tokens", body).get("token", ""))
        self.tokens.append(token_hash(token))
        place = originals.private_folder(originals.folder(self.state, connection))
        path = place / f"{one.name}.token"
        originals.write(path, token.encode(), originals.PRIVATE)
        options = ["--workflow", one.name, "--home", str(self.home), "--token-file", str(path)]
        return [str(self.program), "mcp", *options]

    def _rewrite(
        self,
        connection: str,
        config: Config | None,
        proposals: Mapping[str, Proposal],
        commands: Mapping[str, Sequence[str]],
    ) -> None:
        workflows = tuple(one.name for one in proposals.values())
        if config is None:
            kept = self._connection(connection, workflows)
            originals.keep(self.state, kept, b"", b"")
            return
        data = rewritten(
            config, {name: through(config.client, [*words]) for name, words in commands.items()}
        )
        kept = replace(
            self._connection(connection, workflows),
            client=config.client.name,
            path=str(config.path.absolute()),
            mode=originals.mode_of(config.path),
            original_sha256=originals.sha256(config.data),
            written_sha256=originals.sha256(data),
        )
        originals.keep(self.state, kept, config.data, data)
        if config.path.read_bytes() != config.data:
            raise ConflictError(
                f"`{config.path}` was changed meanwhile", fix="run `sallyport connect` again"
            )
        originals.write(config.path, data, kept.mode)

    def _connection(self, name: str, workflows: tuple[str, ...]) -> Connection:
        nothing = originals.sha256(b"")
        return Connection(
            id=name,
            client=self.wish.agent,
            path="",
            mode=originals.PRIVATE,
            original_sha256=nothing,
            written_sha256=nothing,
            workflows=workflows,
            tokens=tuple(self.tokens),
        )

    def _take_back(self, connection: str) -> None:
        for path in self.made:
            path.unlink(missing_ok=True)
        revoke(self.gateway, self.tokens, by=self.owner.name)
        place = originals.folder(self.state, connection)
        for path in place.glob("*"):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            place.rmdir()


def revoke(gateway: Gateway, tokens: Sequence[str], *, by: str) -> bool:
    """Make a connection's tokens worthless; return whether the gateway could be told of all."""
    told = True
    for token in tokens:
        try:
            gateway.post("tokens/revoke", {"id": token, "by": by})
        except SallyportError:
            told = False
    return told


def is_through(entry: Entry) -> bool:
    """Return whether a client's entry goes through Sallyport already."""
    command, args = entry.document.get("command"), entry.document.get("args")
    words = [str(word) for word in args] if isinstance(args, list) else []
    return isinstance(command, str) and Path(command).stem == "sallyport" and words[:1] == ["mcp"]


def program() -> Path:
    """Return the `sallyport` that runs now, by a path that any client can start."""
    beside = Path(sys.executable).absolute().parent / "sallyport"
    return beside if beside.exists() else Path(sys.argv[0]).absolute()


def ending(outcome: Outcome) -> tuple[str, str, str]:
    """Return the three lines that say what holds now: allowed, held back, refused."""
    reads = [name for one in outcome.proposals.values() for name in one.reads]
    writes = [name for one in outcome.proposals.values() for name in one.writes]
    left_out = [name for one in outcome.proposals.values() for name in one.left_out]
    held = (
        "becomes a draft that you release"
        if outcome.stage == Stage.DRAFT.value
        else "asks you first"
    )
    refused = "every other tool, and arguments that the boundary does not name"
    named = f"{_named(left_out)}; " if left_out else ""
    return (
        f"allowed: {_named(reads) or 'nothing yet'}",
        f"{held}: {_named(writes) or 'nothing'}",
        f"refused: {named}{refused}",
    )


def to_try(outcome: Outcome) -> str:
    """Return what to say to the agent to see it work."""
    tools = [tool for one in outcome.proposals.values() for tool in one.tools]
    read = next((t.name for t in tools if t.level is Level.READ), "")
    write = next((t.name for t in tools if t.level > Level.READ), "")
    wish = ", then ".join(f"use {name}" for name in (read, write) if name)
    restart = f"restart {outcome.restart}, then say" if outcome.restart else "say"
    return f'{restart}: "{wish.capitalize()}." What waits for you: sallyport inbox'


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_MAX} more" if len(names) > NAMES_MAX else ""
    return ", ".join(names[:NAMES_MAX]) + more
