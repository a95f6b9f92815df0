"""What happens while something waits: how long, whom it reaches, who stands in, what interrupts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.errors import BadInputError
from sallyport.model import Away, Impact, Level, Person
from sallyport.rules import canonical
from sallyport.rules import waiting_rules as rules
from sallyport.rules.times import DAY_US, SECOND_US
from sallyport.rules.waiting_rules import Waits

NOW = 1_790_000_000 * SECOND_US
HOUR = 3600
levels = st.sampled_from(Level)
impacts = st.frozensets(st.sampled_from(Impact))
times = st.integers(0, 2**53)

ADA = Person(name="ada", roles=frozenset({"reviewer", "owner"}), public_key="a")
BEN = Person(name="ben", roles=frozenset({"reviewer"}), public_key="b")
CLEO = Person(name="cleo", roles=frozenset({"auditor"}), public_key="c")
PEOPLE = {one.name: one for one in (ADA, BEN, CLEO)}
GONE = Away(from_us=NOW, until_us=NOW + DAY_US, to="ben")


@pytest.mark.parametrize(
    "level, touches, seconds",
    [
        (Level.CREATE, (), 4 * HOUR),
        (Level.UPDATE, (Impact.RECORDS,), 4 * HOUR),
        (Level.EXTERNAL, (), HOUR),
        (Level.UPDATE, (Impact.MONEY,), HOUR // 2),
        (Level.EXTERNAL, (Impact.MONEY, Impact.LEGAL), HOUR // 2),
    ],
)
def test_what_weighs_more_waits_for_less_time(
    level: Level, touches: tuple[Impact, ...], seconds: int
) -> None:
    """Update four hours, external one, money half of one; the shortest counts."""
    assert rules.within_s(level, touches) == seconds


@given(levels, impacts, impacts)
def test_another_impact_never_lets_a_question_wait_for_longer(
    level: Level, some: frozenset[Impact], more: frozenset[Impact]
) -> None:
    """The strictest of all that a call touches counts."""
    assert rules.within_s(level, some | more) <= rules.within_s(level, some)


@given(times, st.integers(4, 2**40), st.lists(st.integers(0, 2**41), min_size=2))
def test_a_question_only_ever_rises(asked: int, lasts: int, later: list[int]) -> None:
    """From 1, at half to 2, at three quarters to 3, and never back."""
    found = [rules.level_at(asked, asked + lasts, asked + one) for one in sorted(later)]

    assert found == sorted(found)
    assert set(found) <= {1, 2, 3}
    assert rules.level_at(asked, asked + lasts, asked) == 1
    assert rules.level_at(asked, asked + lasts, asked + lasts // 2 - 1) == 1
    assert rules.level_at(asked, asked + lasts, asked + lasts) == rules.HIGHEST


def test_each_level_reaches_whoever_the_one_before_did() -> None:
    """On call first, then the workflow's owner and the agent's contact; nobody is told twice."""
    whom = {"owner": "lea", "contact": "pat"}

    assert rules.targets(2, tell="on-call", **whom) == ("on-call",)
    assert rules.targets(3, tell="on-call", **whom) == ("on-call", "lea", "pat")
    assert rules.targets(2, tell="", **whom) == ("lea",)
    assert rules.targets(3, tell="", owner="lea", contact="lea") == ("lea",)


def test_a_role_stands_for_those_who_hold_it_and_an_address_for_itself() -> None:
    """A target may be a person, a role, or somewhere that only a channel knows."""
    people = {**PEOPLE, "off": replace(BEN, name="off", active=False)}

    assert rules.holders(["reviewer", "ada", "on-call"], people) == ("ada", "ben", "on-call")


def test_who_is_away_is_told_nothing_and_their_stand_in_is() -> None:
    """From the first moment to the last, and not before or after."""
    people = {**PEOPLE, "ada": replace(ADA, away=GONE)}

    assert rules.routed(["ada", "cleo"], people, NOW) == ("ben", "cleo")
    assert rules.routed(["ada", "ben"], people, NOW) == ("ben",)
    assert rules.routed(["ada"], people, NOW - 1) == ("ada",)
    assert rules.routed(["ada"], people, GONE.until_us) == ("ada",)
    assert rules.stands_in_for("ben", people, NOW) == ("ada",)


def test_where_the_stand_in_is_away_as_well_nobody_is_left_out() -> None:
    """Better too many than nobody, and no chain that leads round in a circle."""
    people = {
        **PEOPLE,
        "ada": replace(ADA, away=GONE),
        "ben": replace(BEN, away=replace(GONE, to="ada")),
    }

    assert set(rules.routed(["ada"], people, NOW)) == {"ada", "ben"}


@pytest.mark.parametrize(
    "away",
    [
        replace(GONE, to="ada"),
        replace(GONE, to="nobody"),
        replace(GONE, to="cleo"),
        replace(GONE, until_us=NOW),
        replace(GONE, from_us=NOW + 2 * DAY_US),
        replace(GONE, until_us=NOW + 400 * DAY_US),
    ],
)
def test_a_stand_in_answers_in_their_own_right_and_the_time_is_bounded(away: Away) -> None:
    """Nobody for themselves, nobody without one of the roles, no end in the past or far off."""
    rules.check_away(ADA, GONE, PEOPLE, NOW)
    with pytest.raises(BadInputError):
        rules.check_away(ADA, away, PEOPLE, NOW)


def test_the_next_round_is_the_next_of_its_times_of_day() -> None:
    """In UTC; after the last one of a day comes the first of the next day."""
    day = NOW - NOW % DAY_US
    two = rules.times_of_day(["15:00", "09:30", "09:30"])
    half_past_nine, three = two

    assert rules.next_round(two, day) == day + half_past_nine
    assert rules.next_round(two, day + half_past_nine) == day + three
    assert rules.next_round(two, day + three) == day + DAY_US + half_past_nine
    assert rules.next_round((), day) == 0


@pytest.mark.parametrize("text", ["9:30", "24:00", "12:60", "noon", "", "09:30 "])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    """One spelling, two digits each."""
    with pytest.raises(BadInputError, match="rounds"):
        rules.times_of_day(["09:30", text])


LOW = Waits(
    level=Level.UPDATE,
    touches=frozenset(),
    irreversible=False,
    expires_us=NOW + 4 * HOUR * SECOND_US,
)


def test_only_what_weighs_little_waits_for_a_round() -> None:
    """What leaves the house, is more than a record, cannot be undone or has risen does not."""
    soon = NOW + HOUR * SECOND_US

    assert not rules.cannot_wait(LOW, soon)
    assert not rules.cannot_wait(replace(LOW, touches=frozenset({Impact.RECORDS})), soon)
    for one in (
        replace(LOW, level=Level.EXTERNAL),
        replace(LOW, touches=frozenset({Impact.MONEY})),
        replace(LOW, irreversible=True),
        replace(LOW, risen=2),
        replace(LOW, expires_us=soon),
    ):
        assert rules.cannot_wait(one, soon)
    assert rules.cannot_wait(LOW, 0), "without rounds nothing waits for one"


@given(st.text(max_size=9), st.text(max_size=9))
def test_only_the_very_same_request_is_alike(one: str, other: str) -> None:
    """Same agent, workflow, tool and arguments."""
    base = rules.alike("bot", "support", "mail.send", {"to": one})

    assert (rules.alike("bot", "support", "mail.send", {"to": other}) == base) is (one == other)
    assert rules.alike("bot2", "support", "mail.send", {"to": one}) != base


def test_what_nobody_set_is_this() -> None:
    """In seconds, days and numbers, as the documents have them."""
    assert (rules.WAITING_MAX, rules.AWAY_DAYS_MAX, rules.ROUNDS_MAX) == (40, 366, 24)
    assert (rules.HOUR_S, rules.USUAL_S, rules.MINUTE_US) == (3600, 14_400, 60_000_000)
    assert rules.LEVEL_S == {Level.EXTERNAL: 3600}
    assert rules.IMPACT_S == {Impact.MONEY: 1800}
    assert set(Impact) - {Impact.RECORDS} == rules.SERIOUS
    assert rules.HIGHEST == 3


@pytest.mark.parametrize(
    "lasts, now, level",
    [
        *(
            (8, now, level)
            for now, level in ((0, 1), (3, 1), (4, 2), (5, 2), (6, 3), (8, 3), (9, 3))
        ),
        *((7, now, level) for now, level in ((2, 1), (3, 2), (4, 2), (5, 3))),
    ],
)
def test_a_question_rises_at_half_and_at_three_quarters(lasts: int, now: int, level: int) -> None:
    """Of the time it has, to the microsecond, downwards where it does not divide."""
    assert rules.level_at(100, 100 + lasts, 100 + now) == level


def test_an_empty_name_is_told_nothing() -> None:
    """Where nobody is on call, or the agent has no contact."""
    assert rules.targets(2, tell="", owner="", contact="pat") == ()
    assert rules.targets(3, tell="", owner="", contact="pat") == ("pat",)
    assert rules.targets(3, tell="on-call", owner="lea", contact="") == ("on-call", "lea")
    assert rules.targets(2, tell="on-call", owner="lea", contact="pat") == ("on-call",)


def test_a_person_who_is_called_like_a_role_is_meant_themselves() -> None:
    """And those who hold a role are told in the order of their names, once."""
    people = {
        one.name: one
        for one in (
            replace(BEN, name="zoe"),
            ADA,
            BEN,
            replace(CLEO, name="reviewer"),
            replace(ADA, name="off", roles=frozenset({"gone"}), active=False),
        )
    }

    assert rules.holders(["owner", "reviewer", "gone"], people) == ("ada", "reviewer", "gone")
    without = {name: one for name, one in people.items() if name != "reviewer"}
    assert rules.holders(["reviewer"], without) == ("ada", "ben", "zoe")
    assert rules.holders(["zoe", "reviewer"], without) == ("zoe", "ada", "ben")


def test_who_is_away_and_who_stands_in_follows_from_the_time_alone() -> None:
    """From the first moment on, up to the last; nobody who is not known is away."""
    away = replace(ADA, away=GONE)

    for now, is_so in ((NOW - 1, False), (NOW, True), (GONE.until_us - 1, True)):
        assert rules.is_away(away, now) is is_so
        assert rules.instead(away, now) == ("ben" if is_so else "")
    assert not rules.is_away(away, GONE.until_us)
    assert not rules.is_away(ADA, NOW)
    assert not rules.is_away(None, NOW)
    assert rules.instead(ADA, NOW) == rules.instead(None, NOW) == ""


def test_a_stand_in_may_stand_in_for_several() -> None:
    """In the order of their names, as long as they are away."""
    people = {one.name: one for one in (replace(CLEO, away=GONE), replace(ADA, away=GONE), BEN)}

    assert rules.stands_in_for("ben", people, NOW) == ("ada", "cleo")
    assert rules.stands_in_for("ben", people, NOW - 1) == ()
    assert rules.stands_in_for("ada", people, NOW) == ()


def test_of_a_circle_everybody_is_told_the_stand_in_first() -> None:
    """Better too many than nobody."""
    people = {"ada": replace(ADA, away=GONE), "ben": replace(BEN, away=replace(GONE, to="ada"))}

    assert rules.routed(["ada", "cleo"], people, NOW) == ("ben", "ada", "cleo")


NOT_ENROLLED = "name somebody else who is enrolled and active"
STILL_TO_COME = "name an end that is still to come"


@pytest.mark.parametrize(
    "away, what, fix",
    [
        (replace(GONE, to="ada"), "`ada` cannot stand in for `ada`", NOT_ENROLLED),
        (replace(GONE, to="n" * 81), f"`{'n' * 80}` cannot stand in for `ada`", NOT_ENROLLED),
        (replace(GONE, to="off"), "`off` cannot stand in for `ada`", NOT_ENROLLED),
        (replace(GONE, to="keyless"), "`keyless` cannot stand in for `ada`", NOT_ENROLLED),
        (
            replace(GONE, to="cleo"),
            "`cleo` holds none of the roles of `ada`, and gets none by this",
            "name somebody who may answer in their own right",
        ),
        (replace(GONE, from_us=0, until_us=NOW), "that time is over already", STILL_TO_COME),
        (
            replace(GONE, from_us=NOW + 1, until_us=NOW + 1),
            "that time is over already",
            STILL_TO_COME,
        ),
        (
            replace(GONE, until_us=NOW + 366 * DAY_US + 1),
            "that is more than a year ahead",
            "name an earlier end",
        ),
    ],
)
def test_what_is_wrong_with_an_absence_is_said(away: Away, what: str, fix: str) -> None:
    """One thing, and how to mend it."""
    people = {
        **PEOPLE,
        "off": replace(BEN, name="off", active=False),
        "keyless": replace(BEN, name="keyless", public_key=""),
    }
    with pytest.raises(BadInputError) as caught:
        rules.check_away(ADA, away, people, NOW)

    assert (caught.value.what, caught.value.fix) == (what, fix)


def test_the_shortest_and_the_longest_absence_are_taken() -> None:
    """The limits themselves are inside; it may begin later, or have begun already."""
    for away in (
        replace(GONE, until_us=NOW + 1),
        replace(GONE, until_us=NOW + 366 * DAY_US),
        replace(GONE, from_us=0),
        replace(GONE, from_us=NOW + DAY_US - 1),
    ):
        rules.check_away(ADA, away, PEOPLE, NOW)


def test_times_of_day_are_microseconds_after_midnight() -> None:
    """Sorted, each once, 24 of them at most."""
    assert rules.times_of_day(["23:59", "00:00", "09:30", "00:00"]) == (
        0,
        (9 * 60 + 30) * 60_000_000,
        (23 * 60 + 59) * 60_000_000,
    )
    hours = [f"{hour:02}:00" for hour in range(24)]
    assert len(rules.times_of_day(hours)) == 24
    for rounds in ([*hours, "00:30"], ["09:60"]):
        with pytest.raises(BadInputError) as caught:
            rules.times_of_day(rounds)
        assert caught.value.what == "`rounds` does not hold times of day"
        assert caught.value.fix == 'write them as `rounds: ["09:30", "15:00"]`'


@pytest.mark.parametrize("impact", Impact)
def test_only_an_entry_in_a_record_waits(impact: Impact) -> None:
    """Whatever else a call touches, somebody looks at it when it comes."""
    soon = NOW + HOUR * SECOND_US
    found = rules.cannot_wait(replace(LOW, touches=frozenset({impact})), soon)

    assert found is (impact is not Impact.RECORDS)


def test_a_round_comes_early_enough_where_it_comes_before_the_end() -> None:
    """To the microsecond."""
    soon = NOW + HOUR * SECOND_US

    assert rules.cannot_wait(replace(LOW, expires_us=soon), soon)
    assert not rules.cannot_wait(replace(LOW, expires_us=soon + 1), soon)
    assert LOW.risen == 1


def test_what_is_alike_is_shown_as_sixteen_letters() -> None:
    """The same ones for as long as questions are kept."""
    found = rules.alike("bot", "support", "mail.send", {"to": "ann"})

    assert found == canonical.digest("alike", ["bot", "support", "mail.send", {"to": "ann"}])[:16]
    assert len(found) == 16
