"""The gates that hold whatever a file leaves out, from the file to the decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.model import ASKS_BY_DEFAULT, Impact, Json, Level, Verdict
from sallyport.rules.decide import decide
from tests.requirements import requirement
from tests.unit.boundary.examples import header, problems_of
from tests.unit.rules import worlds
from tests.unit.rules.worlds import PROPOSAL

LEVELS = [level.name.lower() for level in Level]
ASKING = [level.name.lower() for level in sorted(ASKS_BY_DEFAULT)]


def codes(level: str, entry: str, touches: str = "") -> set[str]:
    """Return what is wrong with a file whose one tool has this level and this `allow` entry."""
    lines = f"    level: {level}\n{touches}    allow: [{{args: {{a: any}}{entry}}}]\n"
    return {one.code for one in problems_of(f"{header()}tools:\n  t:\n{lines}")}


@requirement("A-20", "B-30")
@pytest.mark.parametrize("level", ASKING)
def test_a_gate_is_loosened_only_by_an_exception_with_its_reason_and_end(level: str) -> None:
    """Who lets happen unasked what asks by default writes why, and until when."""
    for entry in ("", ", because: tried", ", until: 2027-01-01"):
        assert codes(level, entry) == {"boundary.exception"}
    assert codes(level, ", because: tried, until: 2027-01-01") == set()


@requirement("A-20", "B-30")
@pytest.mark.parametrize("impact", list(Impact))
def test_what_touches_what_people_care_about_needs_the_exception_at_every_level(
    impact: Impact,
) -> None:
    """Even a read, where it touches money or access."""
    touches = f"    touches: [{impact.value}]\n"
    for level in LEVELS:
        assert codes(level, "", touches) == {"boundary.exception"}


@requirement("A-20")
@pytest.mark.parametrize("level", [Level.UPDATE, Level.EXTERNAL])
def test_a_tool_without_a_gate_has_one_all_the_same(level: Level) -> None:
    """No entry, or one whose exception is not whole: a person is asked."""
    for entries in ((), (worlds.allow(reasoned=False),), (worlds.allow(until=worlds.LONG_AGO),)):
        found = decide(worlds.context(worlds.boundary(worlds.rule(level, allow=entries))))
        assert found.verdict >= Verdict.ASK


@requirement("B-120")
@pytest.mark.parametrize("level", list(Level))
def test_no_exception_opens_the_gate_before_what_nobody_can_take_back(level: Level) -> None:
    """A reasoned `allow` lifts the defaults, and not this."""
    rule = worlds.rule(level, allow=(worlds.allow(),))
    assert decide(worlds.context(worlds.boundary(rule))).verdict is Verdict.ALLOW

    final = decide(worlds.context(worlds.boundary(replace(rule, irreversible=True))))
    assert final.verdict is Verdict.ASK
    assert worlds.codes(final.floors, Verdict.ASK) == ["irreversible.ask"]


@requirement("B-47")
@pytest.mark.parametrize("value", ["x", 1, None, [], {}])
def test_one_field_outside_the_list_refuses_the_whole_call(value: Json) -> None:
    """It is not dropped on the way: what was proposed is refused as it is."""
    rule = worlds.rule(Level.UPDATE, allow=(worlds.allow(),))
    listed = worlds.context(worlds.boundary(rule))
    more = replace(listed, proposal=replace(PROPOSAL, args={**PROPOSAL.args, "vip": value}))

    assert decide(listed).verdict is Verdict.ALLOW
    found = decide(more)
    assert found.verdict is Verdict.REFUSE
    assert worlds.codes(found.floors, Verdict.REFUSE) == ["boundary.argument_unnamed"]
