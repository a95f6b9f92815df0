"""A first boundary for one server: what it offers, a level per tool, and the files that say so.

The gateway looks at the server and compiles; nothing is written or in force before a person signs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sallyport.doors.connect.parties import Gateway, Signer, objects
from sallyport.doors.connect.servers import Server
from sallyport.errors import BadInputError, ConflictError
from sallyport.model import Environment, JsonObject, Level
from sallyport.rules.boundary.new import Answers, propose_level, render_system, render_workflow
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.signing import activation
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is known of a workflow before its server was looked at."""

    agent: str
    owner: str
    purpose: str
    expires: date
    requesters: Sequence[str] = ("owner",)
    environment: Environment = Environment.PERSONAL
    reads: Collection[str] = ()
    """Tools that only read by a person's word, where their definitions do not say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool of a server, and the level proposed for it with the reason."""

    name: str
    level: Level
    because: str
    definition: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What would be in force for one server once it is signed."""

    server: Server
    system: str
    workflow: str
    tools: tuple[Tool, ...]
    left_out: tuple[str, ...]
    digest: str
    said: JsonObject
    """What a signature is for, as the gateway says it."""
    plain: str
    problems: tuple[JsonObject, ...]

    @property
    def name(self) -> str:
        """The name of the workflow, of its system and of both files."""
        return self.server.name

    @property
    def reads(self) -> list[str]:
        """The declared tools that only read."""
        return [t.name for t in self.tools if t.level is Level.READ and t.name not in self.left_out]

    @property
    def writes(self) -> list[str]:
        """The declared tools that do more."""
        return [t.name for t in self.tools if t.level > Level.READ and t.name not in self.left_out]


def kept(home: Path, server: Server) -> tuple[str, str] | None:
    """Return the system and workflow files that an earlier connection left, or None.

    Raises:
        ConflictError: They are about a server that is reached in another way.
    """
    paths = [home / kind / f"{server.name}.yaml" for kind in ("systems", "workflows")]
    if not any(path.exists() for path in paths):
        return None
    fix = "move both files away, or correct them and their boundary by hand"
    if not all(path.is_file() for path in paths):
        raise ConflictError(f"one of `{paths[0]}` and `{paths[1]}` is missing", fix=fix)
    system, workflow = (path.read_text(encoding="utf-8") for path in paths)
    known = load_system(system, paths[0].name)
    same = load_system(_system(server, ()), paths[0].name)
    if not known.reached_like(same):
        raise ConflictError(f"`{paths[0]}` says otherwise how `{server.name}` is reached", fix=fix)
    return system, workflow


def propose(
    gateway: Gateway, server: Server, wish: Wish, kept: tuple[str, str] | None = None
) -> Proposal:
    """Have the gateway look at a server and compile a first boundary for it.

    Args:
        gateway: The gateway.
        server: The server.
        wish: What is known of the workflow.
        kept: Its system and workflow files where there are some; they are used as they are.

    Raises:
        UpstreamError: The server cannot be reached or does not speak MCP.
        BoundaryErrors: No boundary can be written for what it offers.
    """
    for name, value in server.secrets.items():
        gateway.post("secrets", {"name": name, "value": value})
    bare = _system(server, ())
    file = f"{server.name}.yaml"
    offered = gateway.post("systems/inspect", {"file": file, "text": bare})
    tools = tuple(_tool(one, wish.reads) for one in objects(offered, "tools"))
    if not tools:
        raise BadInputError(f"`{server.name}` offers no tools", fix="check the server's settings")
    if kept is not None:
        return compiled(gateway, server, *kept, _as_declared(tools, kept[1]))
    vouched = [t.name for t in tools if t.level is Level.READ and t.name in wish.reads]
    workflow = render_workflow(_answers(server, wish), [(t.definition, t.level) for t in tools])
    system = _system(server, vouched, _final(workflow, wish.environment))
    return compiled(gateway, server, system, workflow, tools)


def compiled(
    gateway: Gateway, server: Server, system: str, workflow: str, tools: tuple[Tool, ...]
) -> Proposal:
    """Have the gateway compile files that are written already."""
    file = f"{server.name}.yaml"
    answer = gateway.post(
        "boundary/propose", {"workflow": workflow, "file": file, "systems": {file: system}}
    )
    declared = set(load_workflow(workflow, file).tools)
    return Proposal(
        server=server,
        system=system,
        workflow=workflow,
        tools=tools,
        left_out=tuple(tool.name for tool in tools if tool.name not in declared),
        digest=str(answer.get("digest", "")),
        said=to_sign(answer),
        plain=str(answer.get("plain", "")),
        problems=tuple(objects(answer, "problems")),
    )


def to_sign(answer: JsonObject) -> JsonObject:
    """Return what a signature under a proposal is for, as the gateway answers it."""
    wanted = answer.get("sign")
    return wanted if isinstance(wanted, dict) else {}


def sign(gateway: Gateway, signer: Signer, *, said: JsonObject, digest: str) -> JsonObject:
    """Sign a proposed boundary; return what has become of it, as the gateway answers."""
    signature = signer.sign(activation(**said))
    return gateway.post(
        "boundary/activate", {"digest": digest, "person": signer.name, "signature": signature}
    )


def free_name(home: Path, wanted: str, agent: str, taken: Collection[str] = ()) -> str:
    """Return a name for a server's files: the wanted one, unless somebody else's files have it.

    Files of the same agent's earlier connection are its own, so that connecting again finds them.
    """
    for name in (wanted, f"{wanted}-{agent}", *(f"{wanted}-{agent}-{n}" for n in range(2, 1000))):
        if name not in taken and _is_free(home, name, agent):
            return name
    raise BadInputError(f"there is no free name left for `{wanted}`", fix="remove old files")


def problems(found: Sequence[Mapping[str, object]], severity: str) -> list[str]:
    """Return the sentences of the problems of one severity."""
    return [
        f"{one.get('where') or one.get('file')}: {one.get('what')}; {one.get('fix')}"
        for one in found
        if one.get("severity") == severity
    ]


def _is_free(home: Path, name: str, agent: str) -> bool:
    workflow, system = home / "workflows" / f"{name}.yaml", home / "systems" / f"{name}.yaml"
    if not workflow.exists() and not system.exists():
        return True
    try:
        return load_workflow(workflow.read_text(encoding="utf-8"), workflow.name).agent == agent
    except (OSError, UnicodeDecodeError, BoundaryErrors):
        return False


def _tool(offered: JsonObject, reads: Collection[str]) -> Tool:
    found = offered.get("definition")
    definition = found if isinstance(found, dict) else {}
    name = str(offered.get("name") or definition.get("name") or "")
    level, because = propose_level({**definition, "name": name})
    if name in reads and not _denies(definition):
        level, because = Level.READ, "you said that it only reads"
    return Tool(name=name, level=level, because=because, definition={**definition, "name": name})


def _as_declared(tools: tuple[Tool, ...], workflow: str) -> tuple[Tool, ...]:
    rules = load_workflow(workflow, "kept").tools
    why = "its workflow file says so"
    return tuple(
        replace(tool, level=rules[tool.name].level, because=why) if tool.name in rules else tool
        for tool in tools
    )


def _denies(definition: JsonObject) -> bool:
    """Return whether a definition says of itself that the tool does more than read."""
    hints = definition.get("annotations")
    return isinstance(hints, dict) and hints.get("readOnlyHint") is False


def _final(workflow: str, environment: Environment) -> list[str]:
    """Return the tools that, in production, ask a person for good until somebody knows better."""
    if environment is not Environment.PRODUCTION:
        return []
    rules = load_workflow(workflow, "proposed").tools.values()
    return [rule.tool for rule in rules if rule.level >= Level.CREATE]


def _system(server: Server, reads: Sequence[str], final: Sequence[str] = ()) -> str:
    return render_system(
        server.name,
        url=server.url,
        command=server.command,
        environment=server.environment,
        credential=server.credential,
        reads=reads,
        final=final,
    )


def _answers(server: Server, wish: Wish) -> Answers:
    return Answers(
        name=server.name,
        purpose=wish.purpose,
        owner=wish.owner,
        agent=wish.agent,
        requesters=wish.requesters,
        expires=wish.expires,
        environment=wish.environment,
        system=server.name,
    )
