"""What the gateway reads for itself: exactly the proposed record, and only what is declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import (
    Constraint,
    Json,
    JsonObject,
    Level,
    Lookup,
    Operator,
    Origin,
    Plumbing,
    Proposal,
    Recovery,
    Verdict,
)
from sallyport.rules import look_ups
from sallyport.rules.commands import Answered
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.look_ups import Needed, arguments, plumbing_of, refused_anyway, value, wanted
from sallyport.rules.reasons import say
from tests.unit.rules import worlds
from tests.unit.rules.worlds import LOOKUP, TOOL

NEVER = (Constraint(operator=Operator.IS, bounds=("another",)),)


def _seen(level: Level = Level.UPDATE, **rule: object) -> Context:
    return worlds.context(worlds.boundary(worlds.rule(level, **rule), system=worlds.READING))


def test_a_fact_is_read_where_the_boundary_compares_it() -> None:
    """The fact's look-up, once, however many entries name it; then the target's own state."""
    entries = (
        worlds.allow(when={"state": ("open",)}),
        worlds.allow(when={"state": ("pending",)}),
    )
    needed = wanted(_seen(when={"state": ("open",)}, allow=entries))

    assert [(one.fact, one.is_target) for one in needed] == [("state", False), ("", True)]


def test_the_target_is_read_before_it_is_changed_and_not_when_it_is_only_read() -> None:
    """A before-image is for what would change something."""
    assert [needed.is_target for needed in wanted(_seen(Level.UPDATE))] == [True]
    assert wanted(_seen(Level.CLASSIFY)) == (Needed(lookup=LOOKUP, is_target=True),)
    assert wanted(_seen(Level.DRAFT)) == wanted(_seen(Level.READ)) == ()


def test_nothing_is_read_for_a_look_up() -> None:
    """A look-up that needed look-ups would never end."""
    seen = _seen(when={"state": ("open",)})

    assert wanted(replace(seen, proposal=replace(seen.proposal, origin=Origin.GATEWAY))) == ()


def test_nothing_is_read_without_a_system() -> None:
    """A tool that no system offers has nothing to read from; the fact stays missing."""
    assert wanted(worlds.context(worlds.boundary(pins={}), boundaries=())) == ()


def test_a_fact_that_the_system_does_not_declare_is_not_read() -> None:
    """And so the call is refused."""
    seen = _seen(Level.READ, when={"weather": ("fine",)})

    assert wanted(seen) == ()
    assert decide(seen).verdict is Verdict.REFUSE


def test_a_look_up_is_a_proposal_of_the_gateway_and_a_child_of_the_call() -> None:
    """Bounded, decided and logged like any other, under an id of its own."""
    lookup = Lookup(tool=worlds.LOOK, args={"on": "arg.on", "of": "task.ticket"})
    child = look_ups.proposal(_seen(), Needed(lookup=lookup), 2)

    assert child == Proposal(
        call_id="c_fresh.2",
        task_id="t1",
        tool=worlds.LOOK,
        args={"on": "T1", "of": "T1"},
        channel="gateway",
        origin=Origin.GATEWAY,
        parent="c1",
        by="gateway",
    )
    without = look_ups.proposal(replace(_seen(), task=None), Needed(lookup=lookup), 2)
    assert without == replace(child, args={"on": "T1"})


def test_arguments_come_from_the_call_the_task_or_the_file() -> None:
    """`arg.` and `task.` are references, anything else is a literal."""
    lookup = Lookup(
        tool=worlds.LOOK,
        args={"a": "arg.on", "b": "task.ticket", "c": "state", "d": 3, "e": "arg.x", "f": "task.x"},
    )

    assert arguments(lookup, {"on": "T1"}, {"ticket": "T9"}) == {
        "a": "T1",
        "b": "T9",
        "c": "state",
        "d": 3,
    }


@pytest.mark.parametrize(
    "path, result, found",
    [
        ("state", {"structuredContent": {"state": "open"}}, "open"),
        ("a.b", {"structuredContent": {"a": {"b": 1}}}, 1),
        ("", {"structuredContent": {"a": 1}}, {"a": 1}),
        ("a.b", {"structuredContent": {"a": "open"}}, None),
        ("state", {"structuredContent": None}, None),
        ("state", {"content": []}, None),
    ],
    ids=["word", "deep", "whole", "through a text", "null", "unstructured"],
)
def test_a_value_is_found_by_its_path_or_is_null(
    path: str, result: dict[str, Json], found: Json
) -> None:
    """A path that leads nowhere is not known, and what is not known refuses."""
    assert value(Needed(lookup=replace(LOOKUP, path=path)), result) == found


def test_a_fact_that_came_back_null_refuses() -> None:
    """Null is no listed state."""
    seen = replace(_seen(Level.READ, when={"state": ("open",)}), facts={"state": None})

    assert decide(seen).verdict is Verdict.REFUSE


def test_only_a_missing_fact_is_worth_reading_for() -> None:
    """Where anything else refuses, nothing is read from the system."""
    seen = _seen(Level.READ, when={"state": ("open",)})
    stopped = replace(seen, switches=(worlds.switch(Verdict.REFUSE),))
    known = replace(seen, facts={"state": "open"})

    assert not refused_anyway(decide(seen))
    assert refused_anyway(decide(stopped))
    assert not refused_anyway(decide(known))


def test_what_no_entry_covers_is_not_worth_reading_for() -> None:
    """Unless an entry waits for a fact alone: then the fact decides."""
    waits = worlds.allow(when={"state": ("open",)})
    beside = replace(waits, args={"on": replace(worlds.ANY, constraints=NEVER)})
    covered = decide(_seen(Level.READ, allow=(waits,)))
    uncovered = decide(_seen(Level.READ, allow=(beside,)))

    assert worlds.codes(covered.floors, Verdict.REFUSE) == ["boundary.fact_missing"]
    assert not refused_anyway(covered)
    assert refused_anyway(uncovered)


def test_a_fact_that_was_not_worth_reading_is_no_reason() -> None:
    """A call that is refused for a stop does not say that a fact could not be read."""
    seen = _seen(Level.READ, when={"state": ("open",)})
    stopped = decide(replace(seen, switches=(worlds.switch(Verdict.REFUSE),)))
    told = look_ups.without_unread(stopped)

    assert "boundary.fact_missing" in worlds.codes(stopped.floors)
    assert worlds.codes(told.floors, Verdict.REFUSE) == ["switch.stop"]
    assert told.verdict is Verdict.REFUSE


def test_a_tool_that_the_system_file_does_not_mention_is_handled_with_care() -> None:
    """At most once, no before-image."""
    assert plumbing_of(worlds.context()) == Plumbing()
    assert Plumbing().recovery is Recovery.AT_MOST_ONCE
    assert plumbing_of(_seen()).before == worlds.READING.tools[TOOL].before


def test_a_read_that_failed_says_what_it_was_for() -> None:
    """The sentence names the fact, or the target."""
    assert say(look_ups.failed(Needed(lookup=LOOKUP, fact="state"))) == (
        "the gateway could not read state first"
    )
    assert say(look_ups.failed(Needed(lookup=LOOKUP, is_target=True))) == (
        "the gateway could not read the target record first"
    )


@pytest.mark.parametrize(
    "expected, state, shows",
    [
        ("open", "open", True),
        ("open", "closed", False),
        ("arg.on", "T1", True),
        ("arg.on", "arg.on", False),
        ("arg.off", None, True),
        ("arg.off", "T1", False),
        ("task.ticket", "task.ticket", True),
        (5, 5, True),
        (1, True, False),
    ],
)
def test_a_probe_shows_the_value_or_the_argument_that_was_proposed(
    expected: Json,
    state: Json,
    shows: bool,
) -> None:
    """`arg.NAME` is what the call had, anything else the value itself."""
    result: JsonObject = {"structuredContent": {"state": state}}

    assert look_ups.matches(expected, Needed(lookup=LOOKUP), result, _seen()) is shows


def test_whoever_asked_for_a_call_that_a_probe_found_is_told_in_words() -> None:
    """As a result where it happened, as an error where it did not."""
    done = "It was done; its answer was lost in a restart."

    assert look_ups.probed(happened=True) == Answered(
        result={"content": [{"type": "text", "text": done}]}
    )
    assert look_ups.probed(happened=False) == Answered(
        error={"code": -32001, "message": "it was not done: the gateway restarted before it left"}
    )


def test_a_look_up_of_nothing_in_particular_is_no_target() -> None:
    """What is not said of one is that it is for a fact without a name."""
    assert (Needed(lookup=LOOKUP).fact, Needed(lookup=LOOKUP).is_target) == ("", False)
    assert look_ups.MISSING == "boundary.fact_missing"
