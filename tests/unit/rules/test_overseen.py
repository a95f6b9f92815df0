"""What the ledger must show of broken glass and of yeses that wait, entry by entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pytest

from sallyport.model import Json, JsonObject
from sallyport.rules.overseen import Overseen
from sallyport.rules.statements import statement
from sallyport.rules.trace import Heard

AT_US = 1_790_000_000_000_000
SECOND_US = 1_000_000
END_US = AT_US + 3600 * SECOND_US
KEYS = {
    "ole": frozenset({"k1", "k8"}),
    "uma": frozenset({"k2", "k1", "k7"}),
    "ann": frozenset({"k3"}),
    "joy": frozenset({"k1", "k2"}),
}
ASKED: JsonObject = {"scope": "tool:desk.act", "because": "nobody is there", "lasts_s": 3600}
SECONDED: JsonObject = {"glass": "g_1", **ASKED, "asked_by": "ole", "asked_at_us": AT_US - 9}
LOOKED: JsonObject = {
    "glass": "g_1",
    "scope": "tool:desk.act",
    "calls": 1,
    "digest": hashlib.sha256(b'sallyport/glass-calls/v1\n["c_1"]').hexdigest(),
    "found": "in_order",
    "words": "I read it",
}


def _seal(key: str, said: bytes) -> str:
    return hashlib.sha256(key.encode() + said).hexdigest()


def _verify(key: str, said: bytes, signature: str) -> bool:
    return signature == _seal(key, said)


def _by(
    person: str, key: str, verb: str, details: JsonObject, at_us: int = AT_US - 9
) -> JsonObject:
    said = statement(verb, details, person=person, at_us=at_us)
    return {"person": person, "key": key, "at_us": at_us, "signature": _seal(key, said)}


FIRST = _by("ole", "k1", "break-glass", ASKED)
SECOND = _by("uma", "k2", "break-glass-second", SECONDED)
THIRD = _by("ann", "k3", "break-glass-review", LOOKED)


def _heard(kind: str, at_us: int, body: JsonObject) -> Heard:
    return Heard(seq=1, kind=kind, at_us=at_us, body=body)


def _asks(**more: Json) -> Heard:
    return _heard("glass.asked", AT_US - 9, {"glass": "g_1", **ASKED, "asked": FIRST, **more})


def _breaks(details: JsonObject = SECONDED, **more: Json) -> Heard:
    signed: JsonObject = {"asked": FIRST, "second": SECOND, "ends_us": END_US}
    return _heard("glass.broken", AT_US, {**details, **signed, **more})


def _goes(at_us: int = AT_US + 1, **more: Json) -> Heard:
    call: JsonObject = {"call": "c_1", "workflow": "support", "tool": "desk.act", "glass": "g_1"}
    return _heard("call.decided", at_us, {**call, **more})


def _ends(at_us: int = END_US, glass: str = "g_1") -> Heard:
    return _heard("glass.ended", at_us, {"glass": glass})


def _looks(details: JsonObject = LOOKED, review: Json = THIRD) -> Heard:
    return _heard("glass.reviewed", END_US + 5, {**details, "review": review})


def _read(entries: Iterable[Heard]) -> list[tuple[int, str]]:
    overseen = Overseen()
    return [overseen.read(one, KEYS, _verify) for one in entries]


def _last(*entries: Heard) -> tuple[int, str]:
    return _read(entries)[-1]


def test_a_whole_life_holds_and_has_three_signatures() -> None:
    """Asked for, broken, used, ended, and looked at."""
    life = [_asks(), _breaks(), _goes(), _ends(), _looks()]

    assert _read(life) == [(1, ""), (1, ""), (0, ""), (0, ""), (1, "")]


def _unsigned(name: str) -> tuple[int, str]:
    return 0, f"no key that `{name}` was enrolled with has signed it"


@pytest.mark.parametrize(
    "entry, name",
    [
        (_asks(because="a better reason"), "ole"),
        (_asks(scope="workflow:support"), "ole"),
        (_asks(lasts_s=60), "ole"),
        (_asks(asked={**FIRST, "at_us": AT_US}), "ole"),
        (_asks(asked={**FIRST, "key": "k8"}), "ole"),
        (_asks(asked={**FIRST, "signature": "00"}), "ole"),
        (_asks(asked=_by("ole", "k9", "break-glass", ASKED)), "ole"),
        (_asks(asked=_by("eve", "k1", "break-glass", ASKED)), "eve"),
        (_asks(asked=_by("e" * 90, "k1", "break-glass", ASKED)), "e" * 80),
        (_asks(asked=_by("", "k1", "break-glass", ASKED)), ""),
        (_asks(asked=None), "(nobody)"),
        (_asks(asked="ole"), "(nobody)"),
        (_asks(asked=_by("ole", "k1", "break-glass-second", ASKED)), "ole"),
        (_breaks(asked=None), "(nobody)"),
        (_breaks(second=None), "(nobody)"),
        (_breaks(asked_by="uma"), "uma"),
        (_breaks(asked_at_us=AT_US), "uma"),
        (_breaks(glass="g_2"), "uma"),
        (_breaks(because="a better reason"), "ole"),
        (_breaks(second=_by("uma", "k2", "break-glass", SECONDED)), "uma"),
        (_looks(review=None), "(nobody)"),
        (_looks({**LOOKED, "found": "not_in_order"}), "ann"),
        (_looks({**LOOKED, "words": "I did not"}), "ann"),
        (_looks({**LOOKED, "calls": 2}), "ann"),
        (_looks({**LOOKED, "digest": "00"}), "ann"),
        (_looks({**LOOKED, "scope": "tool:another"}), "ann"),
    ],
)
def test_a_signature_that_is_missing_or_over_something_else_does_not_hold(
    entry: Heard, name: str
) -> None:
    """Each word of an entry is under one, and each is made with a key that was enrolled by then."""
    assert _last(entry) == _unsigned(name)


def test_somebody_without_any_enrolled_key_has_signed_nothing() -> None:
    """Whatever the signature says."""
    assert Overseen().read(_asks(), {}, _verify) == _unsigned("ole")


def _second(person: str, key: str) -> Heard:
    return _breaks(second=_by(person, key, "break-glass-second", SECONDED))


def test_two_people_with_two_keys_break_the_glass() -> None:
    """The same person with another key, or another person with the same one, is one alone."""
    alone = (1, "one person alone has signed it, or with one key")

    assert _last(_second("ole", "k8")) == alone
    assert _last(_second("uma", "k1")) == alone
    assert _last(_second("uma", "k2"), _goes()) == (0, "")
    assert _last(_second("ole", "k8"), _goes())[1]


def _lasting(lasts_s: Json, ends_us: int) -> Heard:
    asked: JsonObject = {**ASKED, "lasts_s": lasts_s}
    seconded: JsonObject = {**SECONDED, "lasts_s": lasts_s}
    return _breaks(
        seconded,
        asked=_by("ole", "k1", "break-glass", asked),
        second=_by("uma", "k2", "break-glass-second", seconded),
        ends_us=ends_us,
    )


@pytest.mark.parametrize(
    "lasts_s, ends_us, problem",
    [
        (14_400, AT_US + 14_400 * SECOND_US, ""),
        (14_401, AT_US + 14_401 * SECOND_US, "it lasts longer than it may"),
        (3600, END_US + 1, "its end is not what was signed"),
        (3600, END_US - 1, "its end is not what was signed"),
        ("3600", AT_US, ""),
    ],
)
def test_it_ends_when_it_was_signed_to_and_within_four_hours(
    lasts_s: Json, ends_us: int, problem: str
) -> None:
    """A time that is no number is no time at all."""
    assert _last(_lasting(lasts_s, ends_us)) == (1, problem)


NOT_IN_FORCE = (0, "it went past the reviewers under a break-glass that was not in force")
NOT_FOR_IT = (0, "it went past the reviewers under a break-glass for something else")


@pytest.mark.parametrize(
    "call, said",
    [
        (_goes(AT_US), (0, "")),
        (_goes(END_US), (0, "")),
        (_goes(AT_US - 1), NOT_IN_FORCE),
        (_goes(END_US + 1), NOT_IN_FORCE),
        (_goes(glass="g_2"), NOT_IN_FORCE),
        (_goes(tool="desk.look"), NOT_FOR_IT),
        (_goes(tool="desk.look", workflow="desk.act"), NOT_FOR_IT),
    ],
)
def test_a_call_goes_past_the_reviewers_from_its_second_signature_to_its_end(
    call: Heard, said: tuple[int, str]
) -> None:
    """Within its scope; to the microsecond."""
    assert _last(_breaks(), call) == said


def test_a_glass_for_a_workflow_is_for_each_of_its_tools() -> None:
    """And for no tool of that name."""
    asked: JsonObject = {**ASKED, "scope": "workflow:support"}
    seconded: JsonObject = {**SECONDED, "scope": "workflow:support"}
    breaks = _breaks(
        seconded,
        asked=_by("ole", "k1", "break-glass", asked),
        second=_by("uma", "k2", "break-glass-second", seconded),
    )
    assert _last(breaks, _goes(tool="desk.look")) == (0, "")
    assert _last(breaks, _goes(tool="support", workflow="other")) == NOT_FOR_IT


def test_it_may_end_before_its_time_and_never_after_it() -> None:
    """An entry that ends it late makes it no longer."""
    early, late = _ends(AT_US + 10), _ends(END_US + 10)

    assert _last(_breaks(), early, _goes(AT_US + 10)) == (0, "")
    assert _last(_breaks(), early, _goes(AT_US + 11)) == NOT_IN_FORCE
    assert _last(_breaks(), late, _goes(END_US + 1)) == NOT_IN_FORCE
    assert _last(_ends()) == (0, "it ends what was never in force")
    assert _last(_breaks(), _ends(glass="g_2")) == (0, "it ends what was never in force")


def test_the_third_is_neither_of_the_two() -> None:
    """And looks at what was broken."""
    said = (1, "one of the two who broke the glass looked at it, or it was never broken")
    by_key = ("joy", "k1"), ("joy", "k2")
    by_name = ("ole", "k8"), ("uma", "k7")
    for person, key in (*by_key, *by_name):
        looks = _looks(review=_by(person, key, "break-glass-review", LOOKED))
        assert _last(_breaks(), _goes(), looks) == said
    assert _last(_looks()) == said


def test_the_third_looks_at_the_very_calls_that_went_ahead() -> None:
    """None is missing, and none is too many."""
    said = (1, "other calls were looked at than those that went ahead under it")

    assert _last(_breaks(), _looks()) == said
    assert _last(_breaks(), _goes(), _goes(call="c_2"), _looks()) == said
    assert _last(_breaks(), _goes(), _goes(tool="desk.look", call="c_2"), _looks()) == (1, "")


# --- Yeses that wait. ---


def _says_yes(not_before_us: Json = AT_US + 30, approval: str = "a_1") -> Heard:
    body: JsonObject = {"approval": approval, "not_before_us": not_before_us}
    return _heard("approval.answered", AT_US, body)


def _takes_back(approval: str = "a_1") -> Heard:
    return _heard("approval.undone", AT_US + 5, {"approval": approval})


def _leaves(at_us: int = AT_US + 30, approval: str = "a_1") -> Heard:
    return _heard("call.intended", at_us, {"approval": approval})


def test_a_call_leaves_when_its_yes_cannot_be_taken_back_any_more() -> None:
    """Not a microsecond before; one yes says nothing about another."""
    early = (0, "it left while its yes could be taken back")

    assert _read([_says_yes(), _leaves()]) == [(0, ""), (0, "")]
    assert _last(_says_yes(), _leaves(AT_US + 29)) == early
    assert _last(_says_yes(), _leaves(AT_US + 29, "a_2")) == (0, "")
    assert _last(_says_yes(0), _leaves(AT_US)) == (0, "")
    assert _last(_says_yes("soon"), _leaves(AT_US)) == (0, "")


def test_a_call_whose_yes_was_taken_back_never_leaves() -> None:
    """However late."""
    late = (0, "it left after its yes was taken back")

    assert _read([_says_yes(), _takes_back(), _leaves()]) == [(0, ""), (0, ""), late]
    assert _last(_takes_back(), _leaves(AT_US * 2)) == late
    assert _last(_says_yes(), _takes_back("a_2"), _leaves()) == (0, "")


def test_a_yes_is_held_to_its_time_once() -> None:
    """What has left is over, and is kept in mind no longer."""
    overseen = Overseen()
    for one in (_says_yes(), _leaves()):
        overseen.read(one, KEYS, _verify)

    assert not overseen.concerns("call.intended", b"")
    assert overseen.read(_leaves(AT_US), KEYS, _verify) == (0, "")


@pytest.mark.parametrize(
    "kind, data, concerns",
    [
        ("glass.asked", b"", True),
        ("glass.broken", b"", True),
        ("glass.ended", b"", True),
        ("glass.reviewed", b"", True),
        ("glass.lapsed", b"", False),
        ("approval.answered", b"", True),
        ("approval.undone", b"", True),
        ("approval.asked", b"", False),
        ("call.intended", b'{"glass":"g_1"}', False),
        ("call.decided", b'{"glass":"g_1"}', True),
        ("call.decided", b'{"call":"c_1"}', False),
        ("call.concluded", b'{"glass":"g_1"}', False),
    ],
)
def test_only_what_can_concern_it_is_read(
    kind: str,
    data: bytes,
    concerns: bool,
) -> None:
    """It is asked of every entry of a ledger."""
    assert Overseen().concerns(kind, data) is concerns


def test_a_call_that_leaves_concerns_it_while_a_yes_waits() -> None:
    """Or was taken back; a yes that counts at once does not."""
    waits, undone, at_once = Overseen(), Overseen(), Overseen()
    waits.read(_says_yes(), KEYS, _verify)
    undone.read(_takes_back(), KEYS, _verify)
    at_once.read(_says_yes(None), KEYS, _verify)

    assert waits.concerns("call.intended", b"")
    assert undone.concerns("call.intended", b"")
    assert not at_once.concerns("call.intended", b"")
