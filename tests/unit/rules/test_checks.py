"""What the small checks say, word for word, and how far they look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from sallyport.model import Boundary, Floor, JsonObject, Level, Switch, Verdict
from sallyport.rules.checks import crowded, parameters, permission, switches
from sallyport.rules.context import Context
from sallyport.rules.reasons import say
from tests.unit.rules import worlds
from tests.unit.rules.worlds import TOOL


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


# --- Whether the arguments fit. ---


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
