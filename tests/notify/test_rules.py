"""Which events tell whom, in which words, and what can never be in them."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.model import Away, Json, JsonObject, Person
from sallyport.rules import notices
from sallyport.rules.notices import Happened, Kind, Known, Notice, Plan

GOLDEN = Path(__file__).parent / "golden" / "notices.txt"
AT_US = 1_795_255_200_000_000
HOUR_US = 3600 * 1_000_000


def person(name: str, *roles: str, key: str = "a-key", active: bool = True) -> Person:
    """Return somebody who can sign, unless without a key or switched off."""
    return Person(name=name, roles=frozenset(roles), public_key=key, active=active)


PEOPLE = {
    one.name: one
    for one in (
        person("ada", "owner"),
        person("ben", "reviewer"),
        person("cleo", "reviewer"),
        person("dora", "auditor"),
        person("emil", "reviewer", active=False),
        person("finn", "reviewer", key=""),
        person("gil", "support_lead"),
    )
}
KNOWN = Known(
    people=PEOPLE,
    plans=(
        Plan(
            workflow="refunds",
            agent="support-7",
            tell="support_lead",
            systems=("billing",),
            tools=("refund.create",),
        ),
        Plan(workflow="mails", agent="mail-1", tell="on-call desk", systems=("mail",)),
    ),
    contacts={"support-7": "ada", "mail-1": ""},
    titles=lambda _, tool: {"refund.create": "Refund a customer"}.get(tool, ""),
)
CALL = {
    "call": "c_1",
    "tool": "refund.create",
    "agent": "support-7",
    "workflow": "refunds",
    "person": "cleo",
}
ASKED: JsonObject = {
    "approval": "a_1",
    "who": ["reviewer"],
    "expires_us": AT_US + 4 * HOUR_US,
}


def happened(kind: str, body: JsonObject, index: Mapping[str, str] = CALL) -> Happened:
    """Return an entry."""
    return Happened(kind=kind, at_us=AT_US, body=body, index=index)


SWITCH: JsonObject = {"scope": "agent:support-7", "by": "ben", "switch": "s_1", "on_wire": ["c_9"]}
SIGNED: JsonObject = {
    "workflow": "refunds",
    "version": 3,
    "author": "ada",
    "missing": "second",
    "signatures": [{"person": "ada"}],
}
GLASS: JsonObject = {
    "glass": "g_1",
    "scope": "workflow:refunds",
    "asked": {"person": "ada"},
    "second": {"person": "ben"},
    "two": ["ada", "ben"],
    "by": "its end",
    "ends_us": AT_US + HOUR_US,
}
EVENTS: Mapping[str, Happened] = {
    "a question": happened("approval.asked", ASKED),
    "a question of a tool without a title": happened(
        "approval.asked", {**ASKED, "expires_us": AT_US + 90_000_000}, {**CALL, "tool": "kb.write"}
    ),
    "passed on to a person": happened(
        "approval.passed",
        {"approval": "a_1", "person": "ben", "to": "gil", "kind": "hand_over", "bound": ASKED},
    ),
    "passed on to whoever else may": happened(
        "approval.passed",
        {"approval": "a_1", "person": "ben", "to": "", "kind": "escalate", "bound": ASKED},
        {"call": "c_1", "tool": "refund.create", "person": "ben"},
    ),
    "passed up": happened("approval.escalated", {**ASKED, "to": ["ada"]}),
    "answered": happened(
        "approval.answered",
        {"approval": "a_1", "person": "ben", "state": "approved", "bound": {"who": ["reviewer"]}},
    ),
    "in doubt": happened("call.concluded", {"call": "c_1", "action": "in_doubt"}),
    "a stop": happened("switch.set", {**SWITCH, "verdict": "refuse"}),
    "a stop of everything": happened(
        "switch.set", {**SWITCH, "scope": "everything", "verdict": "refuse", "on_wire": []}
    ),
    "a floor": happened("switch.set", {**SWITCH, "verdict": "draft"}),
    "a stop lifted": happened("switch.lifted", SWITCH),
    "a second signature": happened("boundary.signed", SIGNED),
    "an owner's signature": happened(
        "boundary.signed", {**SIGNED, "missing": "owner", "signatures": [{"person": "ben"}]}
    ),
    "asked to go past the reviewers": happened("glass.asked", GLASS),
    "the glass is broken": happened("glass.broken", GLASS),
    "a broken glass to look at": happened("glass.ended", GLASS),
}


def of(event: Happened, known: Known = KNOWN) -> Notice:
    """Return what an event tells."""
    said = notices.notice(event, known)
    assert said is not None
    return said


def shown(name: str, said: Notice) -> str:
    """Return a notice as the golden file has it."""
    return (
        f"# {name} ({said.kind.value})\n{said.title}\n{said.summary}\n{said.link}\n"
        f"to: {', '.join(said.to) or 'nobody in particular'}\n"
    )


def test_every_notice_says_what_the_golden_file_says() -> None:
    """All words that people are told, each to whom."""
    said = {name: of(event) for name, event in EVENTS.items()}
    said["ends soon"] = notices.ends_soon(said["a question"])
    said["a test"] = notices.test(AT_US)
    found = "\n".join(shown(name, one) for name, one in said.items())

    assert found == GOLDEN.read_text(encoding="utf-8")
    assert {one.kind for one in said.values()} == set(Kind)


def test_whoever_asked_is_not_told_that_it_waits() -> None:
    """Those whose roles may answer are told, minus the requester; without a key nobody is."""
    assert of(EVENTS["a question"]).to == ("ben",)


def test_whoever_is_away_is_not_asked_while_others_are_there() -> None:
    """Whom somebody named has a stand-in instead; where nobody is there, everybody is told."""
    away = Away(from_us=AT_US - 1, until_us=AT_US + HOUR_US, to="dora")
    people = {**PEOPLE, "ben": replace(PEOPLE["ben"], away=away)}
    both = replace(KNOWN, people={**people, "hal": person("hal", "reviewer")})
    assert of(EVENTS["a question"], both).to == ("hal",)
    assert of(EVENTS["a question"], replace(KNOWN, people=people)).to == ("ben",)

    named = happened("approval.escalated", {**ASKED, "to": ["ben"]})
    assert of(named, both).to == ("dora",)


def test_whoever_works_alone_is_told_of_their_own_request() -> None:
    """In `team: one` nobody else could answer."""
    alone = replace(KNOWN, people={"cleo": PEOPLE["cleo"]}, lone=True)

    assert of(EVENTS["a question"], alone).to == ("cleo",)


@pytest.mark.parametrize(
    "scope, told",
    [
        ("everything", ("gil", "on-call desk")),
        ("workflow:refunds", ("gil",)),
        ("agent:support-7", ("ada", "gil")),
        ("agent:mail-1", ("on-call desk",)),
        ("system:mail", ("on-call desk",)),
        ("tool:refund.create", ("gil",)),
        ("tool:kb.read", ()),
    ],
)
def test_a_switch_tells_the_stop_plans_that_it_reaches(scope: str, told: tuple[str, ...]) -> None:
    """A role is told by its holders, and a name that is nobody's as it stands."""
    assert notices.reached(scope, KNOWN) == told


def test_whoever_sets_a_switch_is_not_told_of_it() -> None:
    """They know."""
    body: JsonObject = {**SWITCH, "verdict": "refuse", "by": "gil"}

    assert of(happened("switch.set", body)).to == ("ada",)


@pytest.mark.parametrize(
    "event",
    [
        happened("call.concluded", {"call": "c_1", "action": "done"}),
        happened("call.decided", {"call": "c_1"}),
        happened("approval.answered", {"state": "waiting"}),
        happened("approval.passed", {"kind": "not_mine", "person": "ben", "bound": ASKED}),
        happened("boundary.signed", {**SIGNED, "missing": ""}),
    ],
    ids=lambda event: event.kind,
)
def test_what_asks_nobody_tells_nobody(event: Happened) -> None:
    """A call that is simply done, one yes of two, a version that has all its signatures."""
    assert notices.notice(event, KNOWN) is None


json_values = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
        st.text(), inner
    ), max_leaves=4,
)  # fmt: skip
KINDS = sorted({event.kind for event in EVENTS.values()})
WORDS = sorted({word for event in EVENTS.values() for word in event.body})


@given(kind=st.sampled_from(KINDS), body=st.dictionaries(st.sampled_from(WORDS), json_values))
def test_no_entry_whatever_is_in_it_breaks_the_append(kind: str, body: dict[str, Json]) -> None:
    """A stop is written down in the same append: its notice may never be in its way."""
    said = notices.notice(happened(kind, body), KNOWN)

    assert said is None or "\n" not in said.title + said.summary


SAID = ("because", "args", "meta", "result", "error", "context", "sentences", "purpose", "words")


@given(event=st.sampled_from(sorted(EVENTS)), planted=st.uuids().map(str))
def test_no_notice_contains_a_value_or_a_reason(event: str, planted: str) -> None:
    """Arguments, results and people's reasons stay out, even where an entry has them in clear."""
    entry = EVENTS[event]
    more: JsonObject = {**dict.fromkeys(SAID, planted), "more": {"to": planted}}
    said = of(replace(entry, body={**entry.body, **more}))

    assert planted not in json.dumps(said.as_json())


def test_a_name_with_hidden_characters_is_shown_with_them() -> None:
    """Nothing in a title turns the text around, or starts a line of its own."""
    tool = "refund\u202e\n\x00create" + "x" * 200
    said = of(happened("approval.asked", ASKED, {**CALL, "tool": tool}))

    assert said.title.startswith("refund<U+202E> <U+0000>create")
    assert len(said.title) < 120


@given(tries=st.integers(1, 1000), chance=st.integers(0, 255))
def test_waits_grow_to_an_hour_and_differ(tries: int, chance: int) -> None:
    """The longest is an hour; jitter takes at most a quarter."""
    longest = notices.wait_us(tries, 0)

    assert longest == min(5 * 3 ** min(tries - 1, 10), 3600) * 1_000_000
    assert longest * 3 // 4 <= notices.wait_us(tries, chance) <= longest
