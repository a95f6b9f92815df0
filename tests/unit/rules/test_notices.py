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
from sallyport.rules.times import utc

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
FILED: JsonObject = {"scopes": [], "began": [], "ended": [], "on_wire": [], "by": ""}
"""What the ledger says of the stop file; `by` is whoever lifted it, if a person did."""
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
    "passed on by somebody whom it asks as well": happened(
        "approval.passed", {"approval": "a_1", "person": "ben", "kind": "escalate", "bound": ASKED}
    ),
    "passed up": happened("approval.escalated", {**ASKED, "to": ["ada"]}),
    "answered": happened(
        "approval.answered",
        {"approval": "a_1", "person": "ben", "state": "approved", "bound": {"who": ["reviewer"]}},
    ),
    "answered by somebody else": happened(
        "approval.answered",
        {"approval": "a_1", "person": "gil", "state": "rejected", "bound": {"who": ["reviewer"]}},
    ),
    "in doubt": happened("call.concluded", {"call": "c_1", "action": "in_doubt"}),
    "in doubt, of nobody's agent": happened(
        "call.concluded", {"call": "c_1", "action": "in_doubt"}, {"tool": "kb.write"}
    ),
    "a stop": happened("switch.set", {**SWITCH, "verdict": "refuse"}),
    "a stop of everything": happened(
        "switch.set", {**SWITCH, "scope": "everything", "verdict": "refuse", "on_wire": []}
    ),
    "a floor": happened("switch.set", {**SWITCH, "verdict": "draft"}),
    "a stop lifted": happened("switch.lifted", SWITCH),
    "a stop file": happened(
        "stop_file.changed", {**FILED, "began": ["everything"], "on_wire": ["c_1"]}
    ),
    "a stop file of two scopes": happened(
        "stop_file.changed", {**FILED, "began": ["agent:support-7", "system:desk"], "ended": ["x"]}
    ),
    "a stop file that is gone": happened("stop_file.changed", {**FILED, "ended": ["everything"]}),
    "a second signature": happened("boundary.signed", SIGNED),
    "an owner's signature": happened(
        "boundary.signed", {**SIGNED, "missing": "owner", "signatures": [{"person": "ben"}]}
    ),
    "asked to go past the reviewers": happened("glass.asked", GLASS),
    "the glass is broken": happened("glass.broken", GLASS),
    "the glass is broken by others": happened(
        "glass.broken", {**GLASS, "asked": {"person": "cleo"}, "scope": "tool:refund.create"}
    ),
    "a broken glass to look at": happened("glass.ended", GLASS),
    "a glass that somebody put back": happened("glass.ended", {**GLASS, "by": "gil"}),
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
        f"about: {said.about or 'nothing'}, {utc(said.ends_us) if said.ends_us else 'for good'}\n"
    )


def test_every_notice_says_what_the_golden_file_says() -> None:
    """All words that people are told, each to whom."""
    said = {name: of(event) for name, event in EVENTS.items()}
    said["ends soon"] = notices.ends_soon(said["a question"])
    said["a test"] = notices.test(AT_US)
    said["a welcome"] = notices.welcome("ben", "d_1", AT_US)
    found = "\n".join(shown(name, one) for name, one in said.items())

    assert found == GOLDEN.read_text(encoding="utf-8")
    assert {one.kind for one in said.values()} == set(Kind)
    assert {one.made_us for one in said.values()} == {AT_US}
    assert {(one.id, one.lane, one.quick) for one in said.values()} == {
        *(("", "", ""), ("", "d_1", ""))
    }


def test_a_stop_file_that_a_person_lifts_is_told_of_as_lifted_alone() -> None:
    """One message, not two, of one thing."""
    lifted = happened("stop_file.changed", {**FILED, "ended": ["everything"], "by": "ben"})

    assert notices.notice(lifted, KNOWN) is None


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
        ("agent:refunds", ()),
        ("workflow:support-7", ()),
        ("system:refund.create", ()),
        ("tool:billing", ()),
        ("mailbox:support-7", ()),
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


@pytest.mark.parametrize(
    "tries, chance, waits_us",
    [
        (1, 0, 5_000_000),
        (1, 128, 4_375_000),
        (1, 255, 3_754_883),
        (1, 256, 5_000_000),
        (2, 0, 15_000_000),
        (6, 0, 1_215_000_000),
        (7, 0, 3_600_000_000),
        (40, 0, 3_600_000_000),
    ],
)
def test_a_wait_is_a_matter_of_tries_and_chance_alone(
    tries: int, chance: int, waits_us: int
) -> None:
    """Five seconds, threefold, an hour at most; a chance of 256 parts of a quarter less."""
    assert notices.wait_us(tries, chance) == waits_us


def test_a_notice_is_tried_until_its_end_or_for_a_day() -> None:
    """A question that is over need not be told; what has no end is tried for 24 hours."""
    said = Notice(id="n_1", kind=Kind.TEST, title="t", summary="s", link="/", made_us=AT_US)
    ageless = Notice(id="n_1", kind=Kind.TEST, title="t", summary="s", link="/")

    assert notices.gives_up_us(said) == AT_US + 24 * HOUR_US
    assert notices.gives_up_us(ageless) == 24 * HOUR_US
    assert notices.gives_up_us(replace(said, ends_us=AT_US + 1)) == AT_US + 1


@pytest.mark.parametrize("asked_us, ends_us, soon_us", [(0, 4, 3), (100, 500, 400), (7, 7, 7)])
def test_a_question_ends_soon_in_its_last_quarter(
    asked_us: int, ends_us: int, soon_us: int
) -> None:
    """An hour before the end of four, for example."""
    assert notices.soon_us(asked_us, ends_us) == soon_us


def test_what_is_said_near_the_end_is_about_the_same_question() -> None:
    """Where it leads, whom it tells, its times and its way stay; it never is one button away."""
    asked = Notice(
        id="n_1",
        kind=Kind.ASKED,
        title="kb.write waits for a person",
        summary="Answer by then, within 2 hours.",
        link="/approvals/a_1",
        to=("ben",),
        made_us=1,
        ends_us=2,
        about="a_1",
        lane="d_1",
        quick="/q/a_1",
    )
    assert notices.ends_soon(asked) == Notice(
        id="",
        kind=Kind.ENDS_SOON,
        title="kb.write is still not answered",
        summary="Answer by then. Unanswered, it is blocked: nothing is ever approved by time "
        "passing.",
        link="/approvals/a_1",
        to=("ben",),
        made_us=1,
        ends_us=2,
        about="a_1",
        lane="d_1",
    )


def test_a_program_gets_a_notice_whole_but_for_its_ways() -> None:
    """Times as people read them, and null for no end."""
    said = replace(of(EVENTS["a question"]), id="n_1", lane="d_1", quick="/q/a_1")
    told: JsonObject = {
        "id": "n_1",
        "kind": "asked",
        "title": "Refund a customer (refund.create) waits for a person",
        "summary": "Agent support-7, workflow refunds. Answer by 2026-11-21 14:00:00 UTC, within "
        "4 hours.",
        "link": "/approvals/a_1",
        "to": ["ben"],
        "made": "2026-11-21 10:00:00 UTC",
        "ends": "2026-11-21 14:00:00 UTC",
        "about": "a_1",
    }

    assert said.as_json() == told
    assert replace(said, ends_us=0).as_json() == {**told, "ends": None}


def test_a_notice_that_says_no_more_is_for_nobody_and_never_ends() -> None:
    """What is left out is empty, and its times are none."""
    said = Notice(id="n_1", kind=Kind.TEST, title="t", summary="s", link="/")

    assert (said.to, said.made_us, said.ends_us) == ((), 0, 0)
    assert (said.about, said.lane, said.quick) == ("", "", "")


@pytest.mark.parametrize(
    "seconds, left",
    [
        (1, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 minute"),
        (119, "1 minute"),
        (120, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "1 hour"),
        (7199, "1 hour"),
        (7200, "2 hours"),
        (86_399, "23 hours"),
        (86_400, "1 day"),
        (2 * 86_400, "2 days"),
    ],
)
def test_the_time_that_is_left_is_said_in_its_largest_unit(seconds: int, left: str) -> None:
    """Rounded down, so that nobody is told that they have longer."""
    ends_us = AT_US + seconds * 1_000_000
    said = of(happened("approval.asked", {**ASKED, "expires_us": ends_us}, {"tool": "kb.write"}))

    assert said.summary == f"Answer by {utc(ends_us)}, within {left}."


@pytest.mark.parametrize("expires_us", [0, AT_US, None, "soon"])
def test_of_a_question_without_time_nothing_is_said_of_an_end(expires_us: Json) -> None:
    """And without an agent nothing of one."""
    body: JsonObject = {**ASKED, "expires_us": expires_us}
    said = of(happened("approval.asked", body, {"tool": "kb.write"}))

    assert said.summary == ""
    assert said.ends_us == (expires_us if isinstance(expires_us, int) else 0)


def _asked_for(workflow: str, tool: str) -> str:
    return repr((workflow, tool))


def _its_name(_: str, tool: str) -> str:
    return tool


@pytest.mark.parametrize(
    "index, title, summary",
    [
        ({}, "('', '') () waits for a person", ""),
        ({"tool": "t", "workflow": "w"}, "('w', 't') (t) waits for a person", ""),
        ({"tool": "t", "agent": "a"}, "('', 't') (t) waits for a person", "Agent a, workflow ."),
    ],
)
def test_a_title_is_asked_for_by_workflow_and_tool(
    index: dict[str, str], title: str, summary: str
) -> None:
    """It is the one that was accepted there; the tool's own name stands beside it."""
    known = replace(KNOWN, titles=_asked_for)
    said = of(happened("approval.asked", {**ASKED, "expires_us": 0}, index), known)

    assert (said.title, said.summary) == (title, summary)


def test_a_title_that_is_the_name_is_said_once() -> None:
    """And without a title, as where nobody knows any, the name stands alone."""
    same = replace(KNOWN, titles=_its_name)
    for known in (same, Known(people=PEOPLE)):
        assert of(EVENTS["a question"], known).title == "refund.create waits for a person"


@pytest.mark.parametrize(
    "name, shown_as",
    [
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        (" two  words\n", "two words"),
    ],
)
def test_a_name_is_one_line_of_at_most_eighty_characters(name: str, shown_as: str) -> None:
    """A longer one is cut, and says so."""
    said = of(happened("approval.asked", ASKED, {**CALL, "tool": name}), Known(people={}))

    assert said.title == f"{shown_as} waits for a person"


def test_a_channel_usually_tells_all_but_what_is_settled() -> None:
    """That somebody else has answered is told only where it is chosen; a test is no event."""
    assert {one.value for one in notices.USUAL} == {
        *("asked", "escalated", "ends_soon", "stopped", "floor", "resumed", "signature"),
        *("break_glass", "in_doubt"),
    }


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_what_tells_somebody_is_known_by_its_kind(event: Happened) -> None:
    """The quick question about every entry agrees with the notices."""
    assert notices.concerns_people(event.kind, event.body)


@pytest.mark.parametrize(
    "kind, body",
    [
        ("call.decided", {}),
        ("call.concluded", {}),
        ("call.concluded", {"action": "done"}),
        ("approval.undone", {"action": "in_doubt"}),
    ],
)
def test_what_tells_nobody_is_known_by_its_kind(kind: str, body: JsonObject) -> None:
    """Of calls that are over, only one in doubt concerns people."""
    assert not notices.concerns_people(kind, body)
    assert notices.notice(happened(kind, body), KNOWN) is None


def test_in_words_that_are_wrong_there_is_nothing_to_read() -> None:
    """A number among names, a text for a list: each is left out, and the rest is told."""
    mixed = happened("approval.asked", {**ASKED, "to": ["ada", 5, None]})
    odd = happened("approval.answered", {"approval": "a_1", "state": "gone", "bound": ["reviewer"]})
    signed = happened("boundary.signed", {**SIGNED, "signatures": [5, {"person": "cleo"}, "ben"]})
    wire = happened("switch.set", {**SWITCH, "verdict": "ask", "on_wire": "c_9"})
    two = happened("switch.set", {**SWITCH, "verdict": "ask", "on_wire": ["c_8", "c_9"]})
    passed = happened("approval.passed", {"person": "ben", "to": "gil", "bound": "a_1"})
    glass = happened("glass.asked", {**GLASS, "asked": "ada"})

    assert of(mixed).to == ("ada",)
    assert of(odd).to == ()
    assert of(odd).summary == "By ; it is gone now, and there is nothing left to do."
    assert of(signed).to == ("ada", "ben")
    assert of(wire).summary == "Set by ben. Nothing was under way."
    assert of(two).summary == "Set by ben. 2 call(s) had left already."
    assert notices.notice(passed, KNOWN) is None
    assert of(glass).to == ("ada", "ben", "cleo")
    assert of(glass).summary.startswith("Asked for by . Nothing changes")


def test_a_stop_plan_that_names_nobody_tells_nobody() -> None:
    """Nor does an agent that has no contact."""
    silent = Plan(workflow="w", agent="a", tell="")

    assert notices.reached("everything", Known(people=PEOPLE, plans=(silent,))) == ()
    assert notices.reached("agent:a", Known(people=PEOPLE, plans=(silent,))) == ()


def test_whoever_stands_in_is_told_only_where_somebody_was_named() -> None:
    """Of an answer too, whoever is there is told; of a question to a named person, the stand-in."""
    away = Away(from_us=AT_US - 1, until_us=AT_US + HOUR_US, to="dora")
    people = {**PEOPLE, "ben": replace(PEOPLE["ben"], away=away), "hal": person("hal", "reviewer")}
    known = replace(KNOWN, people=people)
    named = happened("approval.asked", {**ASKED, "to": ["ben"]})
    doubt = of(EVENTS["in doubt"], known)

    assert of(EVENTS["answered by somebody else"], known).to == ("hal",)
    assert of(named, known).to == ("dora",)
    assert doubt.to == ("ada", "dora", "cleo", "hal")


def test_who_may_answer_can_sign_holds_a_role_and_did_not_ask() -> None:
    """In a team of many; whoever works alone answers everything, their own requests too."""
    many, alone = Known(people=PEOPLE), Known(people=PEOPLE, lone=True)

    assert notices.answerers(("reviewer", "owner"), many) == ("ada", "ben", "cleo")
    assert notices.answerers(("reviewer",), many, but=("ben",)) == ("cleo",)
    assert notices.answerers((), many) == ()
    assert notices.answerers((), alone, but=("ada",)) == ("ada", "ben", "cleo", "dora", "gil")
