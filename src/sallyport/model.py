"""The nouns of Sallyport. Read this file first, then `rules/steps.py`.

An *agent* proposes a *call* of a *tool* of a *system*, inside a *task* of a *workflow*, for a
*person*. Everything that has an opinion states a *floor*; the strictest floor is the *verdict*.
What happened stands in the *ledger*.

Everything here is frozen, and every time is an integer of microseconds since 1970 UTC (`_us`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | Decimal | str | list[Json] | dict[str, Json] | None"
"""A JSON value with exact numbers. There are no floats in Sallyport."""

JsonObject: TypeAlias = "dict[str, Json]"


class Verdict(IntEnum):
    """What may happen to a call, from loosest to strictest; `max` picks the one that counts."""

    ALLOW = 0
    ASK = 1
    DRAFT = 2
    REFUSE = 3


class Level(IntEnum):
    """How far a tool reaches, from looking to leaving the house."""

    READ = 0
    DRAFT = 1
    CLASSIFY = 2
    CREATE = 3
    UPDATE = 4
    EXTERNAL = 5


ASKS_BY_DEFAULT = frozenset({Level.CLASSIFY, Level.UPDATE, Level.EXTERNAL})
"""Levels at which a person is asked unless a signed `allow` entry with reason and end covers the
call. *Classify* is among them until the gateway knows how sure a classification is."""


class Impact(StrEnum):
    """What a tool touches that people care about beyond its level."""

    RECORDS = "records"
    MONEY = "money"
    CUSTOMER_COMMUNICATION = "customer_communication"
    ACCESS = "access"
    LEGAL = "legal"
    REGULATORY = "regulatory"
    SAFETY = "safety"
    PUBLISHING = "publishing"
    DELETION = "deletion"


class Stage(StrEnum):
    """How far an agent has earned its way. It only ever adds a floor to what the boundary says."""

    DRAFT = "draft"
    """New: whatever would change something becomes a draft."""
    ASK = "ask"
    """Whatever would change something asks a person."""
    LIVE = "live"
    """The boundary alone decides."""


class Environment(StrEnum):
    """Where a workflow acts."""

    PERSONAL = "personal"
    TEST = "test"
    PRODUCTION = "production"


class Ending(StrEnum):
    """How a call ended, as its asker sees it."""

    DONE = "done"
    DRAFT = "draft"
    REFUSED = "refused"
    WAITING = "waiting"
    EXPIRED = "expired"
    ASKED = "asked"
    """Its system asked the agent for something before it goes on; the answer is a new call."""
    ANSWERED = "answered"
    """What its system asked was answered; the call that carries the answer goes on from there."""


class ActionState(StrEnum):
    """What is known of the effect itself."""

    INTENDED = "intended"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    UNDONE = "undone"


class ApprovalState(StrEnum):
    """The life of one question to a person. `rules/approval.py` holds the transitions."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CHANGED = "changed"
    """Somebody edited the call, or wrote words back to the agent: it is over as it was."""
    STALE = "stale"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    """Somebody took the yes back before anything had left."""
    USED = "used"


class DraftState(StrEnum):
    """The life of a stored draft."""

    STORED = "stored"
    RELEASED = "released"
    DISCARDED = "discarded"


class Recovery(StrEnum):
    """What may be done about a call whose fate a crash has hidden. Declared per tool."""

    IDEMPOTENCY_KEY = "idempotency_key"
    """The system ignores a second request with the same key: send it again."""
    PROBE = "probe"
    """A read tells whether it happened."""
    AT_MOST_ONCE = "at_most_once"
    """Nothing can be known from here: a person settles it. The default."""


class Reversible(StrEnum):
    """Whether what a tool did can be taken back, as the system's operator declares it."""

    TRUE = "true"
    """By a call: its `undo`, or the same tool with what stood there before."""
    BY_HAND = "by_hand"
    """By people, in the system itself."""
    FALSE = "false"
    """By nobody. Such a call is never made without a person's yes."""


class DataClass(StrEnum):
    """How much harm it does if a value reaches the wrong eyes."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    FINANCIAL = "financial"
    HEALTH = "health"
    SECRET = "secret"  # noqa: S105 (the name of a class, not a secret)


class Writer(StrEnum):
    """Who wrote a value last. Trust in a value is never above trust in its last writer."""

    STAFF = "staff"
    SYSTEM = "system"
    CUSTOMER = "customer"
    AGENT = "agent"
    UNKNOWN = "unknown"


OURS = frozenset({Writer.STAFF, Writer.SYSTEM})
"""The writers whose words a workflow may trust."""


class Ability(StrEnum):
    """What a system may ask of an agent in the middle of a call, where the boundary names it."""

    FORM = "form"
    """Values for a form that the system describes."""
    URL = "url"
    """That the person behind the agent opens an address."""
    SAMPLING = "sampling"
    """Words from the agent's model."""
    ROOTS = "roots"
    """The folders that the agent works in."""


class Origin(StrEnum):
    """Who proposed a call. What the gateway proposes is decided and logged like anything else."""

    AGENT = "agent"
    GATEWAY = "gateway"
    RELEASE = "release"
    EDIT = "edit"
    """A person, who was asked about a call and changed it."""


class Operator(StrEnum):
    """The closed vocabulary of argument constraints; there are no expressions."""

    IS = "is"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    BELOW = "below"
    DOMAIN = "domain"
    EMAIL = "email"
    URL = "url"
    PATH_UNDER = "path_under"
    STARTS_WITH = "starts_with"
    MAX_LENGTH = "max_length"
    ONLY = "only"
    EACH = "each"
    SOME = "some"
    ANY = "any"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, as an owner writes it: `50.00 EUR`."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        """Return it with two decimals, or with as many as it takes: it is never rounded."""
        told = f"{self.amount:.2f}"
        exact = told if Decimal(told) == self.amount else f"{self.amount:f}"
        return f"{exact} {self.currency}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, as an owner writes it: `2027-01-31T12:00:00Z`."""

    at_us: int

    def __str__(self) -> str:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.at_us)
        return moment.isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Items:
    """A length of a list, as an owner writes it: `3 items`."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} item{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain name in lower-case ASCII (`xn--` where need be), or with `under` any name below it.

    `under` leaves the name itself out.
    """

    name: str
    under: bool = False

    def __str__(self) -> str:
        return f"under {self.name}" if self.under else self.name


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One e-mail address; without a local part, whoever has an address at that domain."""

    local: str
    domain: Domain

    def __str__(self) -> str:
        if self.local:
            return f"{self.local}@{self.domain}"
        return f"anyone {'' if self.domain.under else 'at '}{self.domain}"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address on the web and whatever lies below it, border by border of its path.

    `host` is a domain name in ASCII or a literal IP address in its one spelling; `path` has its
    segments, percent-encoded in one way.
    """

    scheme: str
    host: str
    port: int
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        port = "" if WEB_PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}/{'/'.join(self.path)}"


WEB_PORTS: Mapping[str, int] = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and whatever lies in it, by its path in parts, without `.` and `..`."""

    absolute: bool
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'/' if self.absolute else ''}{'/'.join(self.parts)}"


@dataclass(frozen=True, slots=True)
class TaskInput:
    """A reference in a boundary to a value bound to the task: `task.ticket_id`."""

    name: str

    def __str__(self) -> str:
        return f"task.{self.name}"


_Literal: TypeAlias = "str | int | Decimal | bool | date | Moment | Money | Items"
_Place: TypeAlias = "Domain | Mailbox | WebAddress | Folder"
Bound: TypeAlias = "_Literal | _Place | TaskInput"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One test on one argument, for example `at_most: 50.00 EUR`.

    `bounds` has one value, or several where one of them must fit, or none for `any`, `absent`, and
    for a `domain`, `email` or `url` that only has to be one. `inner` is what `each` and `some` ask
    of the items of a list.
    """

    operator: Operator
    bounds: tuple[Bound, ...] = ()
    inner: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentRule:
    """Everything one entry says of one argument; all constraints must hold."""

    name: str
    constraints: tuple[Constraint, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that may be sent, with typed slots, such as `We sent {amount} back`.

    `slots` says what each slot may hold, by its name, in the order in which they stand in `text`.
    """

    name: str
    text: str
    slots: Mapping[str, ArgumentRule] = field(default_factory=dict[str, ArgumentRule])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line under `allow`, `ask` or `never`, and what it adds to the tool's `only`.

    `where` names it for people and in the ledger, for example `tickets.update.ask[0]`.
    `needs_human` keeps its questions in the queue until one of `who` has decided, come what may.
    """

    where: str
    args: Mapping[str, ArgumentRule] = field(default_factory=dict[str, ArgumentRule])
    when: Mapping[str, tuple[Json, ...]] = field(default_factory=dict[str, tuple[Json, ...]])
    because: str = ""
    until: date | None = None
    who: tuple[str, ...] = ()
    how_many: int = 1
    within_s: int | None = None
    needs_human: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRule:
    """What one workflow may do with one tool.

    `only` must always hold or the call is refused; then a matching `allow` or `ask` entry says
    which floor; what matches neither is refused; `never` beats all. `units` and `irreversible`
    come from the system's file when a boundary is compiled.
    """

    tool: str
    system: str
    level: Level
    touches: frozenset[Impact] = frozenset()
    only: Mapping[str, ArgumentRule] = field(default_factory=dict[str, ArgumentRule])
    when: Mapping[str, tuple[Json, ...]] = field(default_factory=dict[str, tuple[Json, ...]])
    allow: tuple[Entry, ...] = ()
    ask: tuple[Entry, ...] = ()
    never: tuple[Entry, ...] = ()
    templates: Mapping[str, tuple[Template, ...]] = field(
        default_factory=dict[str, tuple[Template, ...]]
    )
    """By argument, the texts of which it must be one."""
    undo: Mapping[str, str] = field(default_factory=dict[str, str])
    may_ask: frozenset[Ability] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    """By argument, the currency whose smallest unit it counts."""
    irreversible: bool = False
    """Nobody can take it back, so it asks a person whatever an entry says."""
    implied_by: str = ""
    """The declared tool that this rule follows from; empty for what an owner wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A count of calls, or a sum of money, that may not be passed; reserved before the effect.

    `per` is `task`, `hour` or `day`. `counts` is `call` where every call counts, a level
    (`external`), a tool's name, `sum` for the amounts in `argument`, or `cost` for what calls cost
    as their systems state it. With a `currency`, `at_most` is in millionths of it. `each` names an
    argument of which every value is counted for itself.
    """

    name: str
    at_most: int
    per: str
    counts: str = "call"
    argument: str = ""
    currency: str = ""
    each: str = ""

    @property
    def what(self) -> tuple[str, str, str, str, str]:
        """What is counted: limits of two versions that agree in this differ in number alone."""
        return (self.counts, self.per, self.argument, self.currency, self.each)

    def told(self, counted: int) -> str:
        """Return a number of what is counted as people read it: `25`, or `500.00 EUR`."""
        if not self.currency:
            return str(counted)
        amount = Decimal(counted).scaleb(-SUM_DIGITS)
        cents = amount == round(amount, 2)
        return f"{amount:.2f} {self.currency}" if cents else f"{amount:f} {self.currency}"


SUM_DIGITS = 6
"""Sums of money are counted in units of this many digits after the point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Always:
    """A line of a file that is proved of every version before it is signed.

    It says one of three things: of the tool in `tools`, that whatever is not refused fits `args`;
    of every tool that is among `tools`, `levels`, `systems` and that `touches` one of these (where
    they are named), that its calls are treated `at_least` so; or that no more than `at_most` is
    ever counted, as a limit of these terms would count.
    """

    where: str
    tools: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    touches: tuple[Impact, ...] = ()
    systems: tuple[str, ...] = ()
    args: Mapping[str, ArgumentRule] = field(default_factory=dict[str, ArgumentRule])
    at_least: Verdict | None = None
    at_most: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlan:
    """Who may stop the workflow, whom to tell, and how people go on by hand."""

    by: tuple[str, ...] = ()
    tell: str = ""
    by_hand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A tool's result that is no text from outside, or the part of it at a dotted `path`.

    It counts only where the system's operator says that the last writer is one of ours.
    """

    tool: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.tool}.{self.path}" if self.path else self.tool


USUAL_DATA = frozenset(
    {DataClass.PUBLIC, DataClass.INTERNAL, DataClass.PERSONAL, DataClass.FINANCIAL}
)
"""The classes of data that a workflow may handle where its file does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A purpose with an owner: the authority that its file declares.

    `never` keeps tools from its agent in every workflow. `data` are the classes that it may handle,
    `jurisdiction` the places where its systems must lie; nothing there for anywhere.
    """

    name: str
    purpose: str
    owner: str
    agent: str
    environment: Environment
    expires: date
    users: tuple[str, ...]
    task_inputs: Mapping[str, str]
    tools: Mapping[str, ToolRule]
    limits: tuple[Limit, ...] = ()
    trust: tuple[Trusted, ...] = ()
    data: frozenset[DataClass] = USUAL_DATA
    jurisdiction: tuple[str, ...] = ()
    stop: StopPlan = field(default_factory=StopPlan)
    never: tuple[str, ...] = ()
    always: tuple[Always, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A read that the gateway makes itself: a fact, a before-image or a probe.

    `args` maps the read's argument to a literal, or to `arg.NAME` or `task.NAME` as text.
    `path` is the dotted way to the wanted value in the structured answer, or empty for all of it.
    """

    tool: str
    args: Mapping[str, Json]
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultField:
    """What a system's operator declares of one field of a tool's structured result."""

    data: DataClass | None = None
    writer: Writer = Writer.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a call does to one field of its record, as the system's operator declares it.

    `source` is a literal or `arg.NAME`; `plus` adds it to what stands there in place of putting it
    there. `only_with` names an argument without which the field stays as it is. Nor does anything
    change where the source is an argument that is not sent.
    """

    source: Json
    plus: bool = False
    only_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plumbing:
    """How one tool of a system is handled: recovery, deadline, before-image, undo.

    `undo` is the call that takes this one back; its `args` may also name `before.PATH` and
    `result.PATH`. `retries` are further tries of a call that got no answer, under the same key.
    `critical` arguments decide whom or how much. `units` maps an argument to the currency whose
    smallest unit it counts. `fields` maps a dotted path of the result to what is declared of it;
    `args` maps an argument to its data class; `writer` speaks for the whole result. `changes` maps
    each field that the call changes, of the record that `before` reads or of a new one, to how.
    """

    recovery: Recovery = Recovery.AT_MOST_ONCE
    idempotency_ttl_s: int = 24 * 3600
    timeout_ms: int = 30_000
    before: Lookup | None = None
    probe: Lookup | None = None
    probe_expects: Json = None
    level: Level | None = None
    """A level the system's operator insists on; a boundary may be stricter, never looser."""
    reversible: Reversible | None = None
    undo: Lookup | None = None
    retries: int = 0
    cost: Money | None = None
    critical: tuple[str, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, ResultField] = field(default_factory=dict[str, ResultField])
    args: Mapping[str, DataClass] = field(default_factory=dict[str, DataClass])
    writer: Writer = Writer.UNKNOWN
    changes: Mapping[str, Effect] = field(default_factory=dict[str, Effect])


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A business system behind a connector.

    Exactly one of `url` (Streamable HTTP) and `command` (a child process over stdio) is set.
    `environment` is all a child process sees; a value of the form `secret:NAME` is filled in at
    the last moment. `credential` names the stored secret that is sent as a bearer token.
    `jurisdiction` is where its data lies: a country (`DE`) or a union (`EU`), empty if not said.
    """

    name: str
    url: str = ""
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    credential: str = ""
    jurisdiction: str = ""
    tools: Mapping[str, Plumbing] = field(default_factory=dict[str, Plumbing])
    facts: Mapping[str, Lookup] = field(default_factory=dict[str, Lookup])

    def reached_like(self, other: System) -> bool:
        """Return whether another definition leads to the same place with the same credentials."""
        return (self.url, self.command, self.environment, self.credential) == (
            other.url,
            other.command,
            other.environment,
            other.credential,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPin:
    """A tool's definition as it was when a person accepted it, and the hash that holds it."""

    system: str
    tool: str
    definition: JsonObject
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """A compiled workflow with everything that can change a decision under it.

    `digest` covers the workflow, its systems, its pins, the role catalogue and the code version.
    It counts from the moment it is signed.
    """

    workflow: Workflow
    systems: Mapping[str, System]
    pins: Mapping[str, ToolPin]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An identity that proposes calls. It answers nothing and signs nothing.

    `contact` is whom to tell when something goes wrong with it. Every agent that is registered has
    an owner, a purpose and a contact.
    """

    name: str
    owner: str
    stage: Stage = Stage.DRAFT
    active: bool = True
    purpose: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """When somebody is not there, and who is told in their place. It gives nobody a right."""

    from_us: int
    until_us: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An identity that answers: roles, and a public key once enrolled.

    `public_key` is 32 raw Ed25519 bytes in hex, or empty. `passkeys` are spelled as
    `adapters.keys.passkeys` has it. Somebody without any key only requests. `recovery` are the
    hashes of codes that each sign them in once. `identity` is who they are at an identity
    provider, which then has the say over their roles; empty for a person of this gateway.
    """

    name: str
    roles: frozenset[str]
    public_key: str = ""
    active: bool = True
    passkeys: tuple[str, ...] = ()
    recovery: tuple[str, ...] = ()
    identity: str = ""
    away: Away | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Everything that this person signs with."""
        return (self.public_key, *self.passkeys) if self.public_key else self.passkeys

    @property
    def can_sign(self) -> bool:
        """Whether what this person signs can count now.

        Whom an identity provider gives no role, it does not stand for.
        """
        stood_for = bool(self.roles) or not self.identity
        return self.active and stood_for and bool(self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowStep:
    """A step of one workflow that answers by itself, where a signed boundary names it.

    It is the second kind of authority: a program with a key of its own, which signs answers as
    people do, and nothing else. `name` begins with `step.`; `public_key` is 32 raw Ed25519 bytes in
    hex. What it answers for is in `workflow` alone.
    """

    name: str
    workflow: str
    public_key: str
    because: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One piece of work under a workflow, for a requester, with bound inputs and an end.

    `boundary` is the digest that was active when the task opened; the task is held to it and to
    the active one. `instance` is the agent run that labels follow. `words` are the requester's own.
    """

    id: str
    workflow: str
    agent: str
    instance: str
    requester: str
    boundary: str
    inputs: Mapping[str, Json]
    opened_us: int
    expires_us: int
    words: str = ""
    standing: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is asked: this tool with these arguments, inside this task.

    `meta` is the listed part of the request's `_meta` that will be forwarded. `channel` says
    through which door it came (`mcp`, `rest`, `gateway`, ...), `parent` which call needed it.
    `declared` names what the agent can be asked in the middle of the call. `answers` holds, by
    key, what it answers to the system's questions of the call `parent`.
    """

    call_id: str
    task_id: str
    tool: str
    args: JsonObject
    channel: str
    origin: Origin = Origin.AGENT
    parent: str = ""
    by: str = ""
    meta: JsonObject = field(default_factory=dict[str, Json])
    declared: frozenset[str] = frozenset()
    answers: JsonObject = field(default_factory=dict[str, Json])

    @property
    def edited(self) -> bool:
        """Whether a person gave it other arguments than the agent; then they are its author."""
        released = self.origin is Origin.RELEASE and self.channel == Origin.EDIT.value
        return released or self.origin is Origin.EDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """What a system asks of the agent before it goes on with a call.

    `requests` holds, by key, an object with the `method` and `params` of MCP. `state` is what the
    system wants back with the answers; no agent sees it. `open` says that the system waits for
    the answers in the middle of its work, rather than having ended this request.
    """

    requests: JsonObject
    state: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least strict verdict that something with an opinion accepts, and its reason.

    `code` names the reason in `docs/reasons.md`; `words` fill its sentence.
    """

    verdict: Verdict
    code: str
    words: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an *ask* needs: who must answer, how many of them, and how long the answer may take.

    `needs_human` says that it leaves the queue by nothing but a decision of theirs.
    """

    who: tuple[str, ...]
    how_many: int = 1
    within_s: int = 4 * 3600
    needs_human: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """A floor that a person set by hand: a stop, or a stricter verdict, for one scope.

    `scope` is `everything` or `agent:NAME`, `workflow:NAME`, `system:NAME`, `tool:NAME`.
    A switch above *allow* and below *refuse* leaves reads alone; a stop covers everything.
    """

    id: str
    scope: str
    verdict: Verdict
    because: str
    by: str
    since_us: int


class GlassState(StrEnum):
    """The life of a break-glass. `rules/break_glass.py` has what each step needs."""

    ASKED = "asked"
    """One person asked for it; nothing has changed."""
    IN_FORCE = "in_force"
    ENDED = "ended"
    """It is over, and a third person has to look at what was done under it."""
    REVIEWED = "reviewed"
    LAPSED = "lapsed"
    """Nobody signed it second, or somebody said no: it never was in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """That a person signed for one step of something, with which of their keys."""

    person: str
    at_us: int
    signature: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlass:
    """A time in which calls that would ask go ahead, because two people signed for it.

    `scope` is `workflow:NAME` or `tool:NAME`. `asked` and `second` are different people; `review`
    is a third, who says in `found` and `words` what became of it.
    """

    id: str
    scope: str
    because: str
    lasts_s: int
    state: GlassState
    asked: Vouched
    asked_us: int
    second: Vouched | None = None
    since_us: int = 0
    ends_us: int = 0
    ended_us: int = 0
    ended_by: str = ""
    review: Vouched | None = None
    found: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The verdict with every floor and its reason, strictest first.

    `entry` names the boundary line that set the floor; `question` is set when people are asked.
    `grant` is the yes beforehand that answers what would be asked, and is counted for it.
    """

    verdict: Verdict
    floors: tuple[Floor, ...]
    question: Question | None = None
    entry: str = ""
    grant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolOff:
    """How many seconds a yes waits before its call leaves, so that it can be taken back.

    `usual_s` for what leaves the house or nobody can take back, `money_s` where that moves money.
    """

    usual_s: int = 0
    money_s: int = 0


AT_ONCE = CoolOff()

ACTS_WITHIN_US = 5 * 60 * 1_000_000
"""How long after a cool-off its call may still leave, where its question ends earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One question to people about one call, bound to that call's digest; single use, and it ends.

    `answers` has one signed answer per person who spoke, oldest first; `passed` what was passed on,
    by whom and to whom, which never gives anybody a right to answer.
    """

    id: str
    call_id: str
    digest: str
    boundary: str
    question: Question
    state: ApprovalState
    asked_us: int
    expires_us: int
    target: str = ""
    """Digest of the record as it was read when the question was asked; empty if none was read."""
    about: str = ""
    """Digest of `object`, which every answer signs."""
    object: JsonObject = field(default_factory=dict[str, Json])
    """All that people answer about (`rules.approval_object`); kept sealed."""
    answers: tuple[Answer, ...] = ()
    passed: tuple[Passed, ...] = ()
    risen: int = 1
    """How far it has risen unanswered (`rules.waiting_rules`): 1 to 3."""
    not_before_us: int = 0
    """Once it is approved, until when the yes can be taken back; 0 for at no time."""

    @property
    def ends_us(self) -> int:
        """Until when its yes counts: a cool-off that outlasts its time leaves time to act."""
        return max(self.expires_us, self.not_before_us + ACTS_WITHIN_US * bool(self.not_before_us))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one person said, signed with their own key over the approval's digest.

    `kind` says what else than yes or no it was (`edit`, `words`), `code` why it was rejected (a
    code of `rules.answering`), `arguments` which ones an edit changed, and `key` which of the
    person's keys has signed it. `ahead` is what a yes covers besides; `listed` says that it was
    given to a list.
    """

    person: str
    yes: bool
    because: str
    at_us: int
    signature: str
    confirmed_own: bool = False
    """Given by the person who asked, which only `team: one` permits; shown wherever it counts."""
    kind: str = ""
    code: str = ""
    arguments: tuple[str, ...] = ()
    key: str = ""
    ahead: Ahead | None = None
    listed: Listed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A yes beforehand, said with an answer: to so many further calls of this kind on this task.

    They are the same call but for the arguments that are `free`, and leave before `until_us`.
    """

    at_most: int
    until_us: int
    free: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """That one signature over a whole list gave this answer: its place under the list's root.

    `root` and `path` are hashes in hex (`rules.merkle`); `size` rows stand in the list.
    """

    root: str
    size: int
    index: int
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A yes beforehand that is in force: what it was said to, by whom, and how far it goes.

    `args` and `meta` are those of the call that was answered; `question` is what it asked, and
    `asked_for` the reasons for which it did.
    """

    id: str
    approval: str
    task: str
    tool: str
    boundary: str
    person: str
    ahead: Ahead
    question: Question
    args: JsonObject
    meta: JsonObject
    asked_for: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """That one person passed a question on: `how` is `escalate`, `hand_over` or `not_mine`.

    `to` is a person or a role, where one was named. This routes, and gives nobody authority.
    """

    person: str
    how: str
    to: str
    because: str
    at_us: int
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A proposal and all that has become of it.

    `digest` covers everything that would be forwarded. `delivered` is True once the asker got the
    result; until then an identical proposal in the same task returns this call.
    """

    id: str
    proposal: Proposal
    agent: str
    instance: str
    workflow: str
    requester: str
    system: str
    level: Level
    digest: str
    boundary: str
    ending: Ending
    proposed_us: int
    verdict: Verdict = Verdict.REFUSE
    action: ActionState | None = None
    approval_id: str = ""
    idempotency_key: str = ""
    delivered: bool = False
    glass: str = ""
    """The broken glass (`BreakGlass`) under which it went ahead, where nobody was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A call that was stored in place of being made. Releasing it is a new call, decided anew."""

    id: str
    call_id: str
    task_id: str
    tool: str
    state: DraftState
    stored_us: int
    released_as: str = ""
