"""What the simulated world is furnished with: systems, people, agents, and boundaries in versions.

It is small, so that the same record, limit and question are met often, and has one of everything
that matters: reads, creations, updates with a before-image, a fact, both recovery classes and
retries, something external, quorum, limits of each kind, systems that ask in mid-call, an agent
that is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from sallyport.model import (
    SUM_DIGITS,
    Ability,
    Agent,
    ArgumentRule,
    Bound,
    Boundary,
    Constraint,
    CoolOff,
    Entry,
    Environment,
    Impact,
    JsonObject,
    Level,
    Limit,
    Lookup,
    Money,
    Operator,
    Person,
    Plumbing,
    Recovery,
    Stage,
    System,
    TaskInput,
    ToolPin,
    ToolRule,
    Workflow,
)

UNTIL = date(2099, 12, 31)
TICKETS = ("T1", "T2")
REQUESTER = "rita"

LEVELS: Mapping[str, Level] = {
    "kb.search": Level.READ,
    "tickets.read": Level.READ,
    "tickets.note": Level.CREATE,
    "tickets.update": Level.UPDATE,
    "tickets.close": Level.UPDATE,
    "billing.charge": Level.CREATE,
    "mail.send": Level.EXTERNAL,
}
SYSTEM_OF: Mapping[str, str] = {
    "kb.search": "kb",
    "tickets.read": "desk",
    "tickets.note": "desk",
    "tickets.update": "desk",
    "tickets.close": "desk",
    "billing.charge": "billing",
    "mail.send": "mail",
}
WORKFLOWS: Mapping[str, str] = {"support": "helper", "billing": "clerk", "trial": "novice"}
"""Workflow to agent."""

AGENTS = (
    Agent(name="helper", owner="lea", stage=Stage.LIVE),
    Agent(name="clerk", owner="lea", stage=Stage.LIVE),
    Agent(name="novice", owner="lea", stage=Stage.DRAFT),
)
PEOPLE = (
    Person(name=REQUESTER, roles=frozenset({"staff", "lead"}), public_key="key-of-rita"),
    Person(name="lea", roles=frozenset({"lead", "owner", "reviewer"}), public_key="key-of-lea"),
    Person(name="sam", roles=frozenset({"support", "reviewer"}), public_key="key-of-sam"),
    Person(name="lou", roles=frozenset({"lead", "support"}), public_key="key-of-lou"),
    Person(name="pat", roles=frozenset(), public_key="key-of-pat"),
    Person(name="kim", roles=frozenset({"lead", "support"})),
)
"""Kim holds the roles and no key; Pat holds a key and no role; Rita may not answer her own."""

_READ_TICKET = Lookup(tool="tickets.read", args={"ticket": "arg.ticket"})
_KEYED = Recovery.IDEMPOTENCY_KEY

SYSTEMS: Mapping[str, System] = {
    "kb": System(name="kb", url="http://kb.invalid/mcp", tools={"kb.search": Plumbing(retries=1)}),
    "desk": System(
        name="desk",
        url="http://desk.invalid/mcp",
        tools={
            "tickets.update": Plumbing(recovery=_KEYED, before=_READ_TICKET, retries=2),
            "tickets.close": Plumbing(before=_READ_TICKET),
            "tickets.note": Plumbing(critical=("ticket",)),
        },
        facts={"ticket_state": replace(_READ_TICKET, path="state")},
    ),
    "billing": System(
        name="billing",
        url="http://billing.invalid/mcp",
        tools={"billing.charge": Plumbing(recovery=_KEYED, retries=1)},
    ),
    "mail": System(name="mail", url="http://mail.invalid/mcp"),
}

MAY_ASK: Mapping[str, frozenset[Ability]] = {
    "kb.search": frozenset({Ability.FORM, Ability.ROOTS}),
    "tickets.note": frozenset({Ability.FORM}),
    "tickets.update": frozenset({Ability.FORM}),
}
"""What a system may ask in the middle of a call, in every version but the narrower one."""

COOL_OFF = CoolOff(usual_s=600, money_s=600)
"""How long a yes can be taken back in worlds where it can."""

VERSIONS = 4

WAITING_MAX = 3
"""How many questions of one agent may wait here."""

_REFUNDS = Limit(
    name="refunds_per_day",
    at_most=205 * 10**SUM_DIGITS,
    per="day",
    counts="sum",
    argument="refund",
    currency="EUR",
)
"""A refund of 200.00 EUR leaves no room for a second one, though three updates a day would fit."""


def boundaries() -> dict[str, Boundary]:
    """Return every version of every boundary, by digest."""
    found = [boundary(name, version) for name in WORKFLOWS for version in range(VERSIONS)]
    return {one.digest: one for one in found}


def boundary(workflow: str, version: int) -> Boundary:
    """Return one version: 0 is ordinary, 1 narrower, 2 without mail and repinned, 3 looser."""
    small = Money(Decimal((50, 20, 50, 100)[version]), "EUR")
    tools = {rule.tool: rule for rule in _rules(small, how_many=2 if version == 1 else 1)}
    if version == 2:  # noqa: PLR2004 (a version's number is its name)
        del tools["mail.send"]
    if version != 1:
        tools |= {name: replace(tools[name], may_ask=asks) for name, asks in MAY_ASK.items()}
    calls = (4, 3, 4, 6)[version]
    return Boundary(
        workflow=Workflow(
            name=workflow,
            purpose="be simulated",
            owner="lea",
            agent=WORKFLOWS[workflow],
            environment=Environment.PRODUCTION,
            expires=UNTIL,
            users=("staff",),
            task_inputs={"ticket": "text"},
            tools=tools,
            limits=(
                Limit(name="calls_per_task", at_most=calls, per="task"),
                Limit(name="sent_per_hour", at_most=1, per="hour", counts="external"),
                Limit(name="charges_per_hour", at_most=2, per="hour", counts="billing.charge"),
                Limit(name="updates_per_day", at_most=3, per="day", counts="tickets.update"),
                _REFUNDS,
            ),
        ),
        systems=SYSTEMS,
        pins={tool: _pin(tool, version) for tool in LEVELS},
        digest=f"{workflow}-v{version}",
    )


def must_ask(tool: str, args: JsonObject) -> bool:
    """Return whether every version asks a person about this call."""
    if tool == "mail.send":
        return True
    amount = args.get("refund", args.get("amount", 0))
    return isinstance(amount, int) and amount > 100  # noqa: PLR2004 (what version 3 allows)


def forbids(tool: str, args: JsonObject) -> bool:
    """Return whether every version refuses this call, whoever says yes to it."""
    if tool not in LEVELS:
        return True
    amount = args.get("refund")
    return tool == "tickets.update" and isinstance(amount, int) and amount > 500  # noqa: PLR2004


def may_ask(tool: str, version: Boundary) -> frozenset[str]:
    """Return what a version lets a tool's system ask, as people would say it."""
    return frozenset() if version.digest.endswith("-v1") else MAY_ASK.get(tool, frozenset())


def _pin(tool: str, version: int) -> ToolPin:
    definition: JsonObject = {"name": tool, "inputSchema": {"type": "object"}}
    again = "-again" if version == 2 and tool == "tickets.note" else ""  # noqa: PLR2004
    return ToolPin(
        system=SYSTEM_OF[tool], tool=tool, definition=definition, digest=f"pin-{tool}{again}"
    )


def _rules(small: Money, *, how_many: int) -> list[ToolRule]:
    refund = _argument("refund", (Operator.AT_MOST, small))
    more = _argument("refund", (Operator.ABOVE, small), (Operator.AT_MOST, _euros(500)))
    charge = _argument("amount", (Operator.AT_MOST, small))
    over = _argument("amount", (Operator.ABOVE, small))
    leads, anyone = ("lead",), ("lead", "support")
    return [
        _rule("kb.search", only=(_argument("q"),)),
        _rule("tickets.read", only=(_argument("ticket"),)),
        _rule("tickets.note", only=(_own_ticket(), _argument("text"))),
        replace(
            _rule("tickets.update", only=(_own_ticket(),)),
            when={"ticket_state": ("open",)},
            allow=(_allow("tickets.update.allow[0]", refund),),
            ask=(_ask("tickets.update.ask[0]", leads, how_many, more),),
        ),
        replace(
            _rule("tickets.close", only=(_own_ticket(),)), allow=(_allow("tickets.close.allow[0]"),)
        ),
        replace(
            _rule("billing.charge", only=()),
            touches=frozenset({Impact.MONEY}),
            allow=(_allow("billing.charge.allow[0]", charge),),
            ask=(_ask("billing.charge.ask[0]", leads, 1, over),),
        ),
        replace(
            _rule("mail.send", only=(_argument("to"),)),
            ask=(_ask("mail.send.ask[0]", anyone, how_many),),
        ),
    ]


def _rule(tool: str, *, only: tuple[ArgumentRule, ...]) -> ToolRule:
    return ToolRule(
        tool=tool,
        system=SYSTEM_OF[tool],
        level=LEVELS[tool],
        only={argument.name: argument for argument in only},
    )


def _own_ticket() -> ArgumentRule:
    return _argument("ticket", (Operator.IS, TaskInput("ticket")))


def _argument(name: str, *tests: tuple[Operator, Bound]) -> ArgumentRule:
    wanted = tuple(Constraint(operator=operator, bounds=(bound,)) for operator, bound in tests)
    return ArgumentRule(name=name, constraints=wanted or (Constraint(operator=Operator.ANY),))


def _allow(where: str, *arguments: ArgumentRule) -> Entry:
    args = {argument.name: argument for argument in arguments}
    return Entry(where=where, args=args, because="weeks of asking", until=UNTIL)


def _ask(where: str, who: tuple[str, ...], how_many: int, *arguments: ArgumentRule) -> Entry:
    args = {argument.name: argument for argument in arguments}
    return Entry(where=where, args=args, who=who, how_many=how_many, within_s=3600)


def _euros(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")
