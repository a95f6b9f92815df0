"""What a broken glass eases, whatever stands beside it, and what keeps it whole."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError, ConflictError, NotPermittedError, SallyportError
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


# --- What is signed. ---

HOUR_US = 3600 * 1_000_000
SAID_BY: tuple[str, ...] = ("break-glass", "break-glass-second", "break-glass-review")


def test_what_the_three_sign_and_the_right_that_each_needs_are_public() -> None:
    """These words stand in signatures and in the ledger; a program of others holds on to them."""
    assert (break_glass.ASK, break_glass.SECOND, break_glass.REVIEW) == SAID_BY
    assert tuple(break_glass.MAY.items()) == tuple(
        zip(SAID_BY, ("glass.ask", "glass.second", "glass.review"), strict=True)
    )
    assert break_glass.BY_TIME == "its end"


@pytest.mark.parametrize(
    "scope, because, lasts_s",
    [
        ("tool:a", "w", 60),
        ("workflow:a:b", "w" * 4000, 14_400),
        ("tool:" + "a" * 200, " w ", 3600),
    ],
)
def test_the_first_signs_scope_reason_and_time(scope: str, because: str, lasts_s: int) -> None:
    """One minute to four hours, for one workflow or one tool."""
    assert break_glass.asked(scope, because, lasts_s) == {
        "scope": scope,
        "because": because,
        "lasts_s": lasts_s,
    }


NOT_ONE = "name one: workflow:NAME or tool:NAME"


@pytest.mark.parametrize(
    "scope, because, lasts_s, what, fix",
    [
        ("everything", "w", 60, "`everything` is no glass that can be broken", NOT_ONE),
        ("tool:", "w", 60, "`tool:` is no glass that can be broken", NOT_ONE),
        ("tool::a", "w", 60, "`tool::a` is no glass that can be broken", NOT_ONE),
        ("tool:a*", "w", 60, "`tool:a*` is no glass that can be broken", NOT_ONE),
        ("tool:a b", "w", 60, "`tool:a b` is no glass that can be broken", NOT_ONE),
        ("agent:a", "w", 60, "`agent:a` is no glass that can be broken", NOT_ONE),
        (
            "tool:" + "a" * 201,
            "w",
            60,
            f"`tool:{'a' * 75}` is no glass that can be broken",
            NOT_ONE,
        ),
        ("tool:a", "", 60, "no reason was given, or a very long one", "say why; it is kept"),
        ("tool:a", " \n", 60, "no reason was given, or a very long one", "say why; it is kept"),
        (
            "tool:a",
            "w" * 4001,
            60,
            "no reason was given, or a very long one",
            "say why; it is kept",
        ),
        ("tool:a", "w", 59, "59 s is no time for that", "give one minute to 4 hours"),
        ("tool:a", "w", 14_401, "14401 s is no time for that", "give one minute to 4 hours"),
    ],
)
def test_without_scope_reason_or_end_there_is_nothing_to_sign(
    scope: str, because: str, lasts_s: int, what: str, fix: str
) -> None:
    """Nothing is for everything, and nothing lasts."""
    with pytest.raises(BadInputError) as caught:
        break_glass.asked(scope, because, lasts_s)
    assert (caught.value.what, caught.value.fix) == (what, fix)


def test_the_second_signs_all_that_the_first_did_and_who_that_was() -> None:
    """So that the second signature holds for this one and no other."""
    asked = Vouched(person="ole", at_us=7, signature="s", key="k1")
    assert break_glass.seconded(replace(GLASS, asked=asked)) == {
        "glass": "g_1",
        "scope": "tool:desk.act",
        "because": "nobody is there",
        "lasts_s": 3600,
        "asked_by": "ole",
        "asked_at_us": 7,
    }


def test_the_third_signs_for_the_very_calls_that_they_looked_at() -> None:
    """In whatever order they were listed; what they found is one of two."""
    assert break_glass.FOUND == {
        "in_order": "what was done was needed and is right",
        "not_in_order": "something of it was not needed, or is not right",
    }
    digest = hashlib.sha256(b'sallyport/glass-calls/v1\n["c_1","c_2"]').hexdigest()
    for calls in (["c_1", "c_2"], ["c_2", "c_1"]):
        assert break_glass.reviewed(GLASS, calls, "not_in_order", "w" * 4000) == {
            "glass": "g_1",
            "scope": "tool:desk.act",
            "calls": 2,
            "digest": digest,
            "found": "not_in_order",
            "words": "w" * 4000,
        }


@pytest.mark.parametrize(
    "found, words, what, fix",
    [
        ("x" * 41, "w", f"`{'x' * 40}` is no finding", "use in_order or not_in_order"),
        ("in_order", "", "there are no words, or too many", "say what you looked at"),
        ("in_order", " ", "there are no words, or too many", "say what you looked at"),
        ("in_order", "w" * 4001, "there are no words, or too many", "say what you looked at"),
    ],
)
def test_a_look_without_a_finding_or_words_is_none(
    found: str, words: str, what: str, fix: str
) -> None:
    """A signature alone says nothing."""
    with pytest.raises(BadInputError) as caught:
        break_glass.reviewed(GLASS, [], found, words)
    assert (caught.value.what, caught.value.fix) == (what, fix)


# --- Who may. ---

WAITS = replace(GLASS, state=GlassState.ASKED, second=None, asked_us=worlds.NOW_US)
OVER = replace(GLASS, state=GlassState.ENDED)
LAPSES_US = worlds.NOW_US + HOUR_US // 2
ANN = Person(name="ann", roles=frozenset({"auditor"}), public_key="k3")
NOT_ALONE = ("nobody breaks the glass alone", "somebody else signs, with a key of their own")
NOT_THE_THIRD = (
    "whoever broke the glass does not look at it afterwards",
    "a third person signs",
)


def test_somebody_else_with_another_key_may_be_the_second_for_half_an_hour() -> None:
    """Until then with a key of their own, or before it is known which they will use."""
    for key in ("k2", ""):
        break_glass.admit_second(WAITS, PEOPLE["uma"], key, LAPSES_US - 1)
    keyless = replace(WAITS, asked=replace(WAITS.asked, key=""))
    break_glass.admit_second(keyless, PEOPLE["uma"], "", LAPSES_US - 1)


@pytest.mark.parametrize(
    "person, key",
    [("ole", "k9"), ("uma", "k1")],
)
def test_nobody_is_the_second_of_what_they_asked_for(person: str, key: str) -> None:
    """Nor anybody with the same key."""
    with pytest.raises(NotPermittedError) as caught:
        break_glass.admit_second(WAITS, PEOPLE[person], key, 0)
    assert (caught.value.what, caught.value.fix) == NOT_ALONE


@pytest.mark.parametrize(
    "glass, now_us, what, fix",
    [
        (WAITS, LAPSES_US, "break-glass `g_1` was asked for too long ago", "ask anew"),
        (GLASS, 0, "break-glass `g_1` is in force", ConflictError.fix),
    ],
)
def test_nobody_is_the_second_of_what_is_past(
    glass: BreakGlass, now_us: int, what: str, fix: str
) -> None:
    """Too late, or broken already."""
    with pytest.raises(ConflictError) as caught:
        break_glass.admit_second(glass, PEOPLE["uma"], "k2", now_us)
    assert (caught.value.what, caught.value.fix) == (what, fix)


def test_a_third_looks_at_what_is_over() -> None:
    """With a key of their own, or before it is known which they will use."""
    break_glass.admit_review(OVER, ANN, "k3")
    break_glass.admit_review(OVER, ANN)
    keyless = replace(OVER, second=replace(OVER.asked, person="uma", key=""))
    break_glass.admit_review(keyless, ANN, "")


@pytest.mark.parametrize(
    "glass, person, key, kind, said",
    [
        (OVER, PEOPLE["ole"], "k9", NotPermittedError, NOT_THE_THIRD),
        (OVER, PEOPLE["uma"], "", NotPermittedError, NOT_THE_THIRD),
        (OVER, ANN, "k1", NotPermittedError, NOT_THE_THIRD),
        (OVER, ANN, "k2", NotPermittedError, NOT_THE_THIRD),
        (
            GLASS,
            ANN,
            "k3",
            ConflictError,
            ("break-glass `g_1` is in force", ConflictError.fix),
        ),
    ],
)
def test_nobody_looks_at_what_they_broke_or_at_what_goes_on(
    glass: BreakGlass,
    person: Person,
    key: str,
    kind: type[SallyportError],
    said: tuple[str, str],
) -> None:
    """Neither of the two, nor with a key of theirs."""
    with pytest.raises(kind) as caught:
        break_glass.admit_review(glass, person, key)
    assert (caught.value.what, caught.value.fix) == said


def test_who_may_look_is_known_beforehand() -> None:
    """It is over, they are neither of the two, they have a key, and the right."""
    assert break_glass.may_review(OVER, ANN)
    assert not break_glass.may_review(GLASS, ANN)
    assert not break_glass.may_review(OVER, replace(ANN, public_key=""))
    assert not break_glass.may_review(OVER, replace(ANN, roles=frozenset({"operator"})))
    for name in ("ole", "uma"):
        assert not break_glass.may_review(OVER, replace(ANN, name=name))


def test_the_two_are_those_who_signed() -> None:
    """Before anybody was the second it is one."""
    assert (sorted(break_glass.two(GLASS)), sorted(break_glass.keys(GLASS))) == (
        ["ole", "uma"],
        ["k1", "k2"],
    )
    assert (list(break_glass.two(WAITS)), list(break_glass.keys(WAITS))) == (["ole"], ["k1"])


# --- What it does. ---


def test_what_is_eased_keeps_its_words_and_says_by_whom() -> None:
    """The reason to ask stays in sight, and the two who lifted it stand beside it."""
    words = {"who": "lead", "entry": "desk.act.ask[0]"}
    beside = Floor(verdict=Verdict.ALLOW, code="level.default", words={"level": "read"})
    asks = Floor(verdict=Verdict.ASK, code="boundary.ask", words=words)
    said = {
        "first": "ole",
        "second": "uma",
        "scope": "tool:desk.act",
        "until": "2026-09-21 15:13:20 UTC",
        "glass": "g_1",
    }

    assert break_glass.eased([beside, asks], seen()) == [
        beside,
        Floor(verdict=Verdict.ALLOW, code="boundary.ask", words=words),
        Floor(verdict=Verdict.ALLOW, code="glass.broken", words=said),
    ]
    (*_, floor) = break_glass.eased([asks], seen(replace(GLASS, second=None)))
    assert floor.words == {**said, "second": ""}


def test_what_the_boundary_itself_asks_is_eased() -> None:
    """Each reason by itself; not one more is."""
    codes = [
        *("boundary.allow_over", "boundary.ask", "impact.ask"),
        *("influence.untrusted", "irreversible.ask", "level.ask"),
    ]
    for code in codes:
        asks = Floor(verdict=Verdict.ASK, code=code)
        assert break_glass.eased([asks], seen())[0] == replace(asks, verdict=Verdict.ALLOW)
    assert sorted(break_glass.EASED) == codes


@pytest.mark.parametrize(
    "more",
    [
        {"glasses": ()},
        {"proposal": replace(worlds.PROPOSAL, origin=Origin.EDIT)},
        {"approval": worlds.question(worlds.context())},
        {"now_us": GLASS.ends_us},
        {"glasses": (replace(GLASS, scope="tool:another"),)},
    ],
    ids=["none", "a person's", "answered", "over", "of another"],
)
def test_what_no_glass_covers_is_as_it_was(more: dict[str, Any]) -> None:
    """The call of an agent, unanswered, within scope and time; nothing else."""
    asks = [Floor(verdict=Verdict.ASK, code="boundary.ask")]

    assert break_glass.eased(asks, replace(seen(), **more)) == asks


def test_of_several_the_first_that_covers_a_call_counts() -> None:
    """One that is over or for something else does not stand in the way."""
    over = replace(GLASS, id="g_0", ends_us=worlds.NOW_US)
    other = replace(GLASS, id="g_2", scope="workflow:another")
    third = replace(GLASS, id="g_3", scope="workflow:support")
    found = break_glass.eased(
        [Floor(verdict=Verdict.ASK, code="level.ask")],
        replace(seen(), glasses=(over, other, third, GLASS)),
    )
    assert found[-1].words["glass"] == "g_3"


def _decided(*floors: Floor, verdict: Verdict = Verdict.ALLOW) -> Decision:
    return Decision(verdict=verdict, floors=floors)


def test_a_decision_that_counted_on_none_names_none() -> None:
    """Only the reason of a broken glass is one, and only of a call that is allowed."""
    broken = Floor(verdict=Verdict.ALLOW, code="glass.broken", words={"glass": "g_1"})
    other = Floor(verdict=Verdict.ALLOW, code="level.default", words={"glass": "g_2"})
    wordless = Floor(verdict=Verdict.ALLOW, code="glass.broken")

    assert break_glass.used(_decided(other, broken)) == "g_1"
    assert break_glass.used(_decided(other)) == ""
    assert break_glass.used(_decided(wordless)) == ""
    assert break_glass.used(_decided(broken, verdict=Verdict.ASK)) == ""


def test_a_glass_is_over_at_its_end_or_where_it_is_known_no_more() -> None:
    """Another one that goes on keeps none open."""
    context = replace(seen(), glasses=(GLASS, replace(GLASS, id="g_2", ends_us=worlds.NOW_US)))

    assert not break_glass.is_over(context, "g_1", GLASS.ends_us - 1)
    assert break_glass.is_over(context, "g_1", GLASS.ends_us)
    assert break_glass.is_over(context, "g_2", worlds.NOW_US)
    assert break_glass.is_over(context, "g_3", worlds.NOW_US)


def test_it_can_be_broken_for_every_workflow_and_every_tool() -> None:
    """In the order of their names."""
    assert break_glass.scopes({"b", "a"}, {"y.z", "x.z"}) == (
        *("workflow:a", "workflow:b"),
        *("tool:x.z", "tool:y.z"),
    )
