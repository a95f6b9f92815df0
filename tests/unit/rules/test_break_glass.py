"""What a broken glass eases, whatever stands beside it, and what keeps it whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import (
    BreakGlass,
    Decision,
    Floor,
    GlassState,
    Level,
    Origin,
    Person,
    Verdict,
    Vouched,
)
from sallyport.rules import break_glass
from sallyport.rules.context import Context
from sallyport.rules.decide import decide
from sallyport.rules.reasons import SENTENCES
from tests.unit.rules import worlds

ASKS = ("ask", "untrusted", "allow_over", "needs_human", "floor", "stage_ask")
GLASS = BreakGlass(
    id="g_1",
    scope=f"tool:{worlds.TOOL}",
    because="nobody is there",
    lasts_s=3600,
    state=GlassState.IN_FORCE,
    asked=Vouched(person="ole", at_us=0, signature="", key="k1"),
    asked_us=0,
    second=Vouched(person="uma", at_us=0, signature="", key="k2"),
    ends_us=worlds.NOW_US + 3_600_000_000,
)
PEOPLE = {
    name: Person(name=name, roles=frozenset({"operator"}), public_key=key)
    for name, key in (("ole", "k1"), ("uma", "k2"))
}
CODES = [*sorted(SENTENCES), *sorted(break_glass.EASED) * 9]
floors = st.lists(
    st.builds(Floor, verdict=st.sampled_from(Verdict), code=st.sampled_from(CODES)),
    min_size=1,
    max_size=6,
)


def seen(glass: BreakGlass = GLASS) -> Context:
    """Return the snapshot of a call that asks, under a broken glass."""
    boundary = worlds.boundary(worlds.rule(Level.UPDATE, ask=(worlds.ask("lead"),)))
    return replace(worlds.context(boundary), glasses=(glass,))


@given(floors)
def test_nothing_but_known_asks_is_eased_and_then_all_of_them(given_: list[Floor]) -> None:
    """The verdict falls to *allow* exactly where every reason to ask is one of the boundary's."""
    before = max(one.verdict for one in given_)
    after = break_glass.eased(given_, seen())
    asks = {one.code for one in given_ if one.verdict is Verdict.ASK}
    falls = before is Verdict.ASK and asks <= break_glass.EASED

    assert max(one.verdict for one in after) is (Verdict.ALLOW if falls else before)
    assert [one.code for one in after][: len(given_)] == [one.code for one in given_]
    assert falls or after == given_


def test_every_reason_to_ask_is_eased_or_named_here() -> None:
    """A reason that is added tomorrow goes on asking until somebody has thought of it."""
    ask = {code for code in SENTENCES if code.rpartition(".")[2] in ASKS}
    assert ask - break_glass.EASED == {
        *("agent.stage_ask", "edit.ask", "review.needs_human", "switch.floor")
    }


def test_the_decision_names_the_glass_and_without_it_a_person_is_asked() -> None:
    """Allowed with both names, or asked as ever."""
    context = seen()
    assert decide(replace(context, glasses=())).verdict is Verdict.ASK
    decision = decide(context)
    assert decision.verdict is Verdict.ALLOW
    assert break_glass.used(decision) == GLASS.id
    words = next(one.words for one in decision.floors if one.code == "glass.broken")
    assert (words["first"], words["second"]) == ("ole", "uma")


@pytest.mark.parametrize(
    "glass",
    [
        replace(GLASS, ends_us=worlds.NOW_US),
        replace(GLASS, scope="tool:another"),
        replace(GLASS, scope="workflow:another"),
    ],
)
def test_it_covers_its_scope_until_its_end(glass: BreakGlass) -> None:
    """A microsecond later, or another tool, and a person is asked."""
    assert decide(seen(glass)).verdict is Verdict.ASK


@pytest.mark.parametrize("origin", [Origin.EDIT, Origin.RELEASE])
def test_what_a_person_proposes_still_asks_another(origin: Origin) -> None:
    """An edit and a released draft wait for somebody's yes."""
    context = seen()
    proposal = replace(context.proposal, origin=origin, by="lea")
    assert decide(replace(context, proposal=proposal)).verdict is Verdict.ASK


def test_it_stands_only_while_both_can_sign_with_the_keys_they_signed_with() -> None:
    """Switched off, or with another key: it counts no more."""
    assert break_glass.stands(GLASS, PEOPLE)
    for name, person in PEOPLE.items():
        off = {**PEOPLE, name: replace(person, active=False)}
        rekeyed = {**PEOPLE, name: replace(person, public_key="k3")}
        gone = {other: one for other, one in PEOPLE.items() if other != name}
        for people in (off, rekeyed, gone):
            assert not break_glass.stands(GLASS, people)
    assert not break_glass.stands(replace(GLASS, second=None), PEOPLE)
    assert not break_glass.stands(replace(GLASS, state=GlassState.ENDED), PEOPLE)


def test_a_refusal_is_never_under_a_glass() -> None:
    """What was eased and then refused for another reason names none."""
    floor = Floor(verdict=Verdict.ALLOW, code="glass.broken", words={"glass": "g_1"})
    assert break_glass.used(Decision(verdict=Verdict.REFUSE, floors=(floor,))) == ""


def test_it_stands_only_while_both_have_the_right_to_what_they_signed() -> None:
    """Whoever has it no more holds no glass open, and no row makes them one again."""
    for name, person in PEOPLE.items():
        people = {**PEOPLE, name: replace(person, roles=frozenset({"auditor"}))}
        assert not break_glass.stands(GLASS, people)
