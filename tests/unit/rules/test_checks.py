"""What the small checks say, word for word, and how far they look."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sallyport.model import (
    Asks,
    Boundary,
    Call,
    Ending,
    Floor,
    Impact,
    JsonObject,
    Level,
    Lookup,
    Origin,
    Plumbing,
    Stage,
    Switch,
    System,
    Verdict,
)
from sallyport.rules import asking
from sallyport.rules.checks import (
    authority,
    crowded,
    influence,
    parameters,
    permission,
    request,
    switches,
)
from sallyport.rules.context import Context
from sallyport.rules.reasons import say
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LIVE, LONG_AGO, LOOK, NOW_US, PROPOSAL, TASK, TOOL


def said(floors: Iterable[Floor]) -> list[str]:
    """Return what floors say to people."""
    return [say(floor) for floor in floors]


def fitting(schema: JsonObject, name: str = "") -> Boundary:
    """Return a boundary whose tool takes what fits this schema."""
    pin = worlds.pin(schema=schema)
    return worlds.boundary(pins={TOOL: replace(pin, digest=f"{pin.digest}{name}{schema}")})


def with_args(args: JsonObject, schema: JsonObject) -> Context:
    """Return a call with these arguments of a tool with this schema."""
    return worlds.context(fitting(schema), proposal=replace(worlds.PROPOSAL, args=args))


# --- Who asks. ---


@pytest.mark.parametrize("person", [None, replace(worlds.RITA, active=False)], ids=["none", "off"])
def test_whoever_is_not_known_here_asks_for_nothing(person: object) -> None:
    """One who was switched off is as unknown as one who never was here."""
    assert said(permission.requester(worlds.context(requester=person))) == [
        "the requester `rita` is not known here"
    ]


@pytest.mark.parametrize(
    "users, lacking",
    [
        (("staff", "lead"), []),
        (("lead", "owner"), ["the requester holds none of the roles lead, owner"]),
        ((), ["the requester holds none of the roles (none)"]),
    ],
)
def test_a_requester_holds_a_role_that_the_boundary_names(
    users: tuple[str, ...], lacking: list[str]
) -> None:
    """One of them is enough; where none is named there is none to hold."""
    assert said(permission.requester(worlds.context(worlds.boundary(users=users)))) == lacking


def test_every_version_names_a_role_of_the_requester() -> None:
    """The one that the task began under has a say as well."""
    seen = worlds.context(worlds.boundary(), worlds.boundary(users=("lead",), digest="v0"))

    assert said(permission.requester(seen)) == ["the requester holds none of the roles lead"]


@pytest.mark.parametrize("check", [permission.requester, authority.declared, request.agent])
def test_without_a_task_that_alone_is_said(
    check: Callable[[Context], Iterable[Floor]],
) -> None:
    """There is nobody to speak of: one check says so, and the others add nothing."""
    seen = worlds.context(task=None, requester=None, agent=None, boundaries=())

    assert said(check(seen)) == []
    assert said(request.task(seen)) == ["there is no open task behind this token"]


def test_a_task_is_over_at_its_end() -> None:
    """To the microsecond; one that was closed is none any more."""
    ended = worlds.context(task=replace(TASK, expires_us=NOW_US))
    open_yet = worlds.context(task=replace(TASK, expires_us=NOW_US + 1))
    closed = worlds.context(task=replace(TASK, closed=True))

    assert said(request.task(ended)) == ["the task ended at 2026-09-21 14:13:20 UTC"]
    assert said(request.task(open_yet)) == []
    assert said(request.task(closed)) == ["there is no open task behind this token"]


_NEW = "agent `helper` is new: what would change something becomes a draft"
_ON_PROBATION = "agent `helper` is on probation: what would change something asks a person"


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
@pytest.mark.parametrize(
    "stage, sentence, verdict",
    [
        (Stage.DRAFT, _NEW, Verdict.DRAFT),
        (Stage.ASK, _ON_PROBATION, Verdict.ASK),
        (Stage.LIVE, "", Verdict.ALLOW),
    ],
)
def test_a_new_agent_is_held_back_where_something_would_change(
    stage: Stage, sentence: str, verdict: Verdict, level: Level
) -> None:
    """From *create* on; to read, draft and classify it needs to have earned nothing."""
    seen = worlds.context(worlds.boundary(worlds.rule(level)), agent=replace(LIVE, stage=stage))
    changes = level in {Level.CREATE, Level.UPDATE, Level.EXTERNAL}
    expected = [(verdict, sentence)] if changes and sentence else []

    assert [(one.verdict, say(one)) for one in request.agent(seen)] == expected


@pytest.mark.parametrize(
    "agent, sentence",
    [
        (None, "agent `helper` is not known here"),
        (replace(LIVE, active=False), "agent `helper` is switched off"),
        (replace(LIVE, active=False, stage=Stage.ASK), "agent `helper` is switched off"),
    ],
    ids=["unknown", "off", "off and on probation"],
)
def test_an_agent_that_is_not_there_may_not_even_read(agent: object, sentence: str) -> None:
    """Whatever it earned before."""
    (floor,) = request.agent(worlds.context(agent=agent))

    assert (floor.verdict, say(floor)) == (Verdict.REFUSE, sentence)


# --- An answer to what a system asked. ---

FORM: JsonObject = {"method": "elicitation/create", "params": {"message": "which one?"}}
PARENT = Call(
    id="c0",
    proposal=replace(PROPOSAL, call_id="c0"),
    agent="helper",
    instance="run-1",
    workflow="support",
    requester="rita",
    system="desk",
    level=Level.READ,
    digest="d0",
    boundary="v1",
    ending=Ending.ASKED,
    proposed_us=NOW_US,
)
ANSWERING = worlds.context(
    proposal=replace(PROPOSAL, parent="c0", answers={"q1": {"action": "accept"}}),
    parent=PARENT,
    asks=Asks(requests={"q1": FORM}),
)
UNASKED = "it answers a question that was not asked in this task"


@pytest.mark.parametrize(
    "changes, sentences",
    [
        ({}, []),
        ({"parent": None}, [UNASKED]),
        ({"parent": replace(PARENT, proposal=replace(PROPOSAL, task_id="t2"))}, [UNASKED]),
        ({"asks": None}, [UNASKED]),
        (
            {"parent": replace(PARENT, ending=Ending.DONE)},
            ["the question was answered already, or its system waits no more"],
        ),
        (
            {"parent": replace(PARENT, proposal=replace(PROPOSAL, tool=LOOK))},
            ["the call is not the one whose system asked"],
        ),
        (
            {"parent": replace(PARENT, proposal=replace(PROPOSAL, args={"on": "T2"}))},
            ["the call is not the one whose system asked"],
        ),
        ({"now_us": NOW_US + asking.WITHIN_S * 1_000_000}, []),
        (
            {"now_us": NOW_US + asking.WITHIN_S * 1_000_000 + 1},
            ["the question was asked more than 10 minutes ago"],
        ),
        ({"asks": Asks(requests={"q2": FORM})}, ["it does not answer exactly what was asked"]),
        ({"proposal": PROPOSAL, "parent": None}, []),
        ({"proposal": replace(PROPOSAL, parent="c0"), "parent": None}, [UNASKED]),
        (
            {"proposal": replace(PROPOSAL, answers={"q1": {"action": "accept"}}), "parent": None},
            [UNASKED],
        ),
        (
            {"proposal": replace(PROPOSAL, parent="c0", origin=Origin.RELEASE), "parent": None},
            [],
        ),
    ],
    ids=[
        *("fits", "no parent", "other task", "asked nothing", "over", "other tool", "other args"),
        *("last moment", "late", "other question", "no answer", "only a parent", "only answers"),
        "a release",
    ],
)
def test_an_answer_fits_what_was_asked(changes: dict[str, Any], sentences: list[str]) -> None:
    """Of this task, this call, these questions, in time, and once."""
    assert said(request.answer(replace(ANSWERING, **changes))) == sentences


# --- What the boundary declares. ---


@pytest.mark.parametrize(
    "changes, sentences",
    [
        ({}, []),
        ({"agent": "other"}, ["workflow `support` is not open to agent `helper`"]),
        ({"expires": LONG_AGO}, ["the boundary of `support` ended on 2020-01-01"]),
        ({"expires": date(2026, 9, 21)}, []),
        ({"expires": date(2026, 9, 20)}, ["the boundary of `support` ended on 2026-09-20"]),
        ({"never": (TOOL,)}, [f"workflow `support` never allows tool `{TOOL}`"]),
        ({"tools": {}}, [f"tool `{TOOL}` is not declared in workflow `support`"]),
        (
            {"agent": "other", "expires": LONG_AGO, "tools": {}},
            [
                "workflow `support` is not open to agent `helper`",
                "the boundary of `support` ended on 2020-01-01",
                f"tool `{TOOL}` is not declared in workflow `support`",
            ],
        ),
    ],
    ids=["fits", "other agent", "over", "last day", "day after", "never", "undeclared", "all"],
)
def test_a_boundary_is_in_force_and_names_agent_and_tool(
    changes: dict[str, Any], sentences: list[str]
) -> None:
    """On its last day it still counts; everything that speaks against it is said."""
    seen = worlds.context(worlds.boundary(**changes))
    older = worlds.context(worlds.boundary(), worlds.boundary(**changes, digest="v0"))

    assert said(authority.declared(seen)) == sentences
    assert said(authority.declared(older)) == sentences


def test_a_tool_that_another_workflow_keeps_from_the_agent_is_refused_here() -> None:
    """Each of them is named."""
    assert said(authority.declared(worlds.context(barred_by=("hr", "pay")))) == [
        f"workflow `hr` keeps tool `{TOOL}` from `helper` everywhere",
        f"workflow `pay` keeps tool `{TOOL}` from `helper` everywhere",
    ]


def test_without_a_signed_boundary_nothing_is_declared() -> None:
    """The workflow is named."""
    assert said(authority.declared(worlds.context(boundaries=(), task=TASK))) == [
        "workflow `support` has no signed boundary"
    ]


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_a_level_asks_by_default_or_is_allowed(level: Level) -> None:
    """What classifies, updates or leaves the house asks; the others are allowed, and it is said."""
    seen = worlds.context(worlds.boundary(worlds.rule(level)))
    name = level.name.lower()
    asks = f"at level {name} a person is asked unless the boundary says otherwise"
    allowed = f"level {name} is allowed by default"
    (floor,) = authority.entries(seen, authority.rulings(seen))

    if level in {Level.CLASSIFY, Level.UPDATE, Level.EXTERNAL}:
        assert (floor.verdict, say(floor)) == (Verdict.ASK, asks)
    else:
        assert (floor.verdict, say(floor)) == (Verdict.ALLOW, allowed)


def test_what_a_tool_touches_is_named_in_words() -> None:
    """All of it, in order."""
    touches = frozenset({Impact.MONEY, Impact.CUSTOMER_COMMUNICATION})
    seen = worlds.context(worlds.boundary(worlds.rule(touches=touches)))

    touched = "it touches customer communication, money, so a person is asked"

    assert said(authority.entries(seen, authority.rulings(seen))) == [
        "level read is allowed by default",
        f"{touched} unless the boundary says otherwise",
    ]


@pytest.mark.parametrize("entries", [{}, {"allow": (worlds.allow(),)}], ids=["bare", "allowed"])
def test_what_nobody_can_take_back_asks_whatever_an_entry_says(entries: dict[str, Any]) -> None:
    """A reasoned `allow` lifts the defaults, and not this."""
    rule = worlds.rule(Level.CREATE, irreversible=True, **entries)
    seen = worlds.context(worlds.boundary(rule))
    floors = authority.entries(seen, authority.rulings(seen))

    assert (floors[-1].verdict, say(floors[-1])) == (
        Verdict.ASK,
        f"nobody can take back what `{TOOL}` does, so a person is always asked",
    )
    assert len(floors) == 2


def test_each_version_has_a_ruling_or_none_counts() -> None:
    """One that was left out would not be missed otherwise."""
    with pytest.raises(ValueError, match="zip"):
        authority.entries(worlds.context(), ())


@pytest.mark.parametrize(
    "system",
    [
        replace(worlds.PLAIN, facts={"state": Lookup(tool=LOOK, args={})}),
        replace(worlds.PLAIN, tools={TOOL: Plumbing(before=Lookup(tool=LOOK, args={}))}),
        replace(worlds.PLAIN, tools={TOOL: Plumbing(probe=Lookup(tool=LOOK, args={}))}),
    ],
    ids=["fact", "image", "probe"],
)
def test_the_gateway_reads_what_the_system_file_declares_as_a_read(system: System) -> None:
    """A fact, the record before a call, or whether a call happened; and nothing else."""
    reading = replace(PROPOSAL, tool=LOOK, origin=Origin.GATEWAY)
    plain = worlds.context(proposal=reading)

    assert (
        said(authority.look_up(worlds.context(worlds.boundary(system=system), proposal=reading)))
        == []
    )
    assert said(authority.look_up(plain)) == [
        f"tool `{LOOK}` is not declared as a look-up of system `desk`"
    ]
    assert said(authority.look_up(replace(plain, boundaries=()))) == [
        f"no connected system offers tool `{LOOK}`"
    ]


@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_text_from_outside_asks_where_something_would_change(level: Level) -> None:
    """From *create* on; whoever took in nothing is not asked for it."""
    seen = worlds.context(worlds.boundary(worlds.rule(level)), influenced=True)
    name = level.name.lower()
    sentence = f"text from outside entered this task, so level {name} asks a person"
    asks = [(Verdict.ASK, sentence)] if level >= Level.CREATE else []

    assert [(one.verdict, say(one)) for one in influence.untrusted(seen)] == asks
    assert said(influence.untrusted(replace(seen, influenced=False))) == []


# --- What was set by hand. ---


def test_what_was_set_by_hand_is_said_with_who_and_why() -> None:
    """A floor, a stop, a stop file, and a gateway that cannot go on."""
    floor = Switch(
        scope=f"tool:{TOOL}", verdict=Verdict.ASK, id="s1", by="lea", because="a test", since_us=1
    )
    stop = replace(floor, scope="everything", verdict=Verdict.REFUSE)
    seen = worlds.context(
        worlds.boundary(worlds.rule(Level.CREATE)),
        switches=(floor, stop),
        broken="the disk is full",
        stop_scopes=("everything",),
    )

    assert said(switches.by_hand(seen)) == [
        f"tool:{TOOL} was set to ask by lea: a test",
        "everything was stopped by lea: a test",
        "the gateway refuses everything until it is started again: the disk is full",
        "a stop file covers everything",
    ]


def test_an_agent_whose_questions_nobody_reads_asks_no_more() -> None:
    """It is told how many wait; what would not ask goes on."""
    seen = worlds.context(crowded=40)

    assert said(crowded.full(seen, Verdict.ASK)) == [
        "40 calls of agent `helper` wait for people, and no more may"
    ]
    assert said(crowded.full(seen, Verdict.ALLOW)) == []
    assert said(crowded.full(replace(seen, crowded=0), Verdict.ASK)) == []


@pytest.mark.parametrize("verdict", [Verdict.ASK, Verdict.DRAFT, Verdict.REFUSE])
@pytest.mark.parametrize("level", Level, ids=lambda level: level.name)
def test_a_stop_reaches_everything_and_a_floor_what_would_change_something(
    verdict: Verdict, level: Level
) -> None:
    """Reading goes on under a floor; nothing does under a stop, and other scopes are not meant."""
    rule = worlds.boundary(worlds.rule(level))
    here = worlds.context(rule, switches=(worlds.switch(verdict),))
    elsewhere = worlds.context(
        rule, switches=(worlds.switch(verdict, "tool:other"),), stop_scopes=("tool:other",)
    )
    reached = verdict is Verdict.REFUSE or level >= Level.CREATE

    assert [one.verdict for one in switches.by_hand(here)] == [verdict] * reached
    assert said(switches.by_hand(elsewhere)) == []


# --- Whether the arguments fit. ---


def test_a_tool_without_an_accepted_definition_takes_no_arguments() -> None:
    """It is said of a declared tool and of a look-up; another is refused for that it is not."""
    bare = worlds.boundary(pins={})
    sentence = f"no connected system offers tool `{TOOL}`"
    looked = replace(PROPOSAL, origin=Origin.GATEWAY)
    undeclared = worlds.boundary(pins={}, tools={})

    assert said(parameters.schema(worlds.context(bare))) == [sentence]
    assert said(parameters.schema(worlds.context(undeclared, proposal=looked))) == [sentence]
    assert said(parameters.schema(worlds.context(undeclared))) == []
    assert said(parameters.schema(worlds.context(boundaries=()))) == []


def test_a_definition_that_changed_is_said_beside_what_does_not_fit() -> None:
    """And both, where the system is away as well."""
    schema: JsonObject = {"properties": {"on": {"type": "integer"}}}
    seen = replace(with_args({"on": "T1"}, schema), quarantined=True, unreachable=True)

    for _ in range(2):
        assert said(parameters.schema(seen)) == [
            f"the definition of tool `{TOOL}` changed since it was accepted",
            "system `desk` could not be reached; nothing was sent",
            "argument `on` does not fit the tool's schema: `type`",
        ]


def test_a_schema_that_nothing_fits_is_broken_as_a_whole() -> None:
    """There is no place in the arguments and none in the schema to name."""
    closed = replace(
        worlds.pin(), definition={"name": TOOL, "inputSchema": False}, digest="nothing fits"
    )

    assert said(parameters.schema(worlds.context(worlds.boundary(pins={TOOL: closed})))) == [
        "argument (the whole) does not fit the tool's schema: (the whole)"
    ]


def test_a_tool_without_a_schema_takes_any_arguments() -> None:
    """The protocol lets a definition leave it out."""
    bare = replace(worlds.pin(), definition={"name": TOOL}, digest="a tool without a schema")

    assert said(parameters.schema(worlds.context(worlds.boundary(pins={TOOL: bare})))) == []


def test_a_system_that_is_away_is_named() -> None:
    """Nothing is sent to it, whether or not the arguments would fit."""
    assert said(parameters.schema(worlds.context(unreachable=True))) == [
        "system `desk` could not be reached; nothing was sent"
    ]


@pytest.mark.parametrize(
    "args, schema, place",
    [
        ({"on": {"deep": ["x", 5]}}, {"properties": {"on": {"properties": {"deep": {"items": {"type": "string"}}}}}}, "argument `on.deep.1` does not fit the tool's schema: `type`"),  # noqa: E501
        ({}, {"required": ["on"]}, "argument (the whole) does not fit the tool's schema: `required`"),  # noqa: E501
    ],
    ids=["deep", "the whole"],
)  # fmt: skip
def test_a_misfit_is_named_by_its_place(args: JsonObject, schema: JsonObject, place: str) -> None:
    """The path to the value, and the rule that it breaks."""
    assert said(parameters.schema(with_args(args, schema))) == [place]


def test_ten_misfits_are_named_and_no_more() -> None:
    """A hostile call does not fill the ledger with what is wrong with it."""
    many: JsonObject = {f"n{number}": "x" for number in range(30)}
    seen = with_args(many, {"additionalProperties": {"type": "integer"}})

    assert len(said(parameters.schema(seen))) == 10


@pytest.mark.parametrize(
    "schema", [{"type": 5}, {"$ref": "https://schemas.invalid/x"}], ids=["none", "elsewhere"]
)
def test_a_schema_that_cannot_be_used_refuses_every_call(schema: JsonObject) -> None:
    """It is named by the kind of its fault, since its text is an upstream's."""
    (sentence,) = said(parameters.schema(with_args({"on": "T1"}, schema)))

    assert "schema" in sentence
    assert "ValidationError" in sentence


def test_compiled_schemas_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of definitions does not fill the memory, and each still counts."""
    monkeypatch.setattr(parameters, "COMPILED_MAX", 3)
    known: dict[str, object] = {}
    monkeypatch.setattr(parameters, "_compiled", known)
    kept: list[int] = []
    for number in range(8):
        schema = fitting({"type": "object"}, name=str(number))
        list(parameters.schema(worlds.context(schema)))
        kept.append(len(known))

    assert kept == [1, 2, 3, 1, 2, 3, 1, 2]
