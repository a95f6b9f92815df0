"""Breaking the glass: two people, one scope, an end, and a third who looks at what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow.glasses import Glasses
from sallyport.flow.recovery import recover
from sallyport.model import (
    BreakGlass,
    Ending,
    GlassState,
    Json,
    JsonObject,
    Person,
    Plumbing,
    Recovery,
    Verdict,
)
from sallyport.ports import Row
from sallyport.rules import break_glass
from sallyport.rules.statements import Signed, statement
from sallyport.rules.times import SECOND_US
from sallyport.simulate import scenery
from tests.requirements import requirement
from tests.unit.flow.room import PEOPLE, Room, refusals

OLE = Person(name="ole", roles=frozenset({"operator"}), public_key="key-of-ole")
UMA = Person(name="uma", roles=frozenset({"operator"}), public_key="key-of-uma")
ANN = Person(name="ann", roles=frozenset({"auditor"}), public_key="key-of-ann")
TWIN = Person(name="twin", roles=frozenset({"operator"}), public_key="key-of-ole")
SCOPE, WHY, HOUR = "tool:tickets.update", "the reviewers cannot be reached", 3600
LARGE: JsonObject = {"ticket": "T1", "refund": 200}


class Cabinet:
    """A room with its glasses."""

    def __init__(self, people: Sequence[Person] = (*PEOPLE, OLE, UMA, ANN)) -> None:
        self.room = Room(people=people)
        self.glasses = Glasses(self.room.gateway, self.room.people)

    def ask(self, person: str = "ole", scope: str = SCOPE, lasts_s: int = HOUR) -> BreakGlass:
        """Ask for it as somebody."""
        details: JsonObject = {"scope": scope, "because": WHY, "lasts_s": lasts_s}
        by = self.room.signed(break_glass.ASK, details, person)
        return self.room.run(self.glasses.ask(scope, WHY, lasts_s, by))

    def second(self, glass: BreakGlass, person: str = "uma") -> BreakGlass:
        """Sign second as somebody."""
        by = self.room.signed(break_glass.SECOND, break_glass.seconded(glass), person)
        return self.room.run(self.glasses.second(glass.id, by))

    def broken(self, scope: str = SCOPE) -> BreakGlass:
        """Break it."""
        return self.second(self.ask(scope=scope))

    def review(self, glass: BreakGlass, person: str, found: str = "in_order") -> BreakGlass:
        """Look at it as somebody."""
        calls = self.room.run(self.glasses.calls(glass.id))
        details = break_glass.reviewed(glass, calls, found, "I read each of them")
        by = self.room.signed(break_glass.REVIEW, details, person)
        return self.room.run(self.glasses.review(glass.id, found, "I read each of them", by))

    def restart(self) -> None:
        """Start anew on what the database has."""
        self.room.start()
        self.glasses = Glasses(self.room.gateway, self.room.people)
        self.room.run(self.glasses.restore())

    def state(self, glass: BreakGlass) -> GlassState:
        """Return how one stands."""
        return self.room.run(self.glasses.get(glass.id)).state


@requirement("B-88")
def test_going_past_the_reviewers_takes_a_second_person_and_leaves_a_task_for_a_third() -> None:
    """Without a second it is refused; with one it works, ends, and a review waits until signed."""
    cabinet = Cabinet()
    room = cabinet.room
    glass = cabinet.ask()
    alone = room.propose(room.task(), "tickets.update", LARGE)
    assert alone.ending is Ending.WAITING
    with pytest.raises(NotPermittedError, match="nobody breaks the glass alone"):
        cabinet.second(glass, "ole")
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING
    assert room.sent.count("tickets.update") == 0

    cabinet.second(glass, "uma")
    went = room.propose(room.task(), "tickets.update", LARGE)
    assert (went.ending, went.call.glass) == (Ending.DONE, glass.id)
    assert room.sent.count("tickets.update") == 1

    room.clock.jump(HOUR * SECOND_US)
    assert room.run(cabinet.glasses.look()) == 1
    after = room.propose(room.task(), "tickets.update", LARGE)
    assert after.call.glass == ""
    (waits,) = room.run(cabinet.glasses.to_review())
    assert (waits.glass.id, waits.calls) == (glass.id, (went.call.id,))
    for one_of_the_two in ("ole", "uma"):
        with pytest.raises(NotPermittedError):
            cabinet.review(glass, one_of_the_two)
    assert len(room.run(cabinet.glasses.to_review())) == 1
    cabinet.review(waits.glass, "ann", "not_in_order")
    assert room.run(cabinet.glasses.to_review()) == []
    assert cabinet.state(glass) is GlassState.REVIEWED


def test_it_ends_to_the_microsecond_even_if_nobody_looks() -> None:
    """The end stands in the decision, not in a timer."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    room.clock.jump(glass.ends_us - room.clock.now_us() - 1)
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.DONE
    room.clock.jump(1)
    late = room.propose(room.task(inputs={"ticket": "T2"}), "tickets.update", LARGE)
    assert late.call.glass == ""


@pytest.mark.parametrize(
    "tool, args, code",
    [
        ("tickets.update", {"ticket": "T2", "refund": 200}, "boundary.only"),
        ("tickets.update", {"ticket": "T1", "refund": 900}, "boundary.no_entry"),
        ("desk.unknown", {}, "boundary.tool_not_declared"),
    ],
)
def test_what_is_refused_stays_refused(tool: str, args: JsonObject, code: str) -> None:
    """Never over a refusal of the boundary."""
    cabinet = Cabinet()
    cabinet.broken("workflow:support")
    ended = cabinet.room.propose(cabinet.room.task(), tool, args)
    assert ended.ending is Ending.REFUSED
    assert code in refusals(ended)
    assert ended.call.glass == ""


def test_a_stop_a_floor_and_a_limit_count_as_before() -> None:
    """Never over what somebody set by hand, nor past what is used up."""
    cabinet = Cabinet()
    room = cabinet.room
    cabinet.broken()
    for verdict, ending in (
        (Verdict.REFUSE, Ending.REFUSED),
        (Verdict.DRAFT, Ending.DRAFT),
        (Verdict.ASK, Ending.WAITING),
    ):
        room.run(room.controls.set(SCOPE, verdict, because="hold on", by="ole"))
        assert room.propose(room.task(), "tickets.update", LARGE).ending is ending
        room.run(room.controls.resume(SCOPE, because="over", by="ole"))
    first = room.propose(room.task(), "tickets.update", LARGE)
    assert first.ending is Ending.DONE
    over = room.propose(room.task(), "tickets.update", LARGE)
    assert (over.ending, refusals(over)) == (Ending.REFUSED, ["limit.sum"])


def test_a_new_agent_still_drafts_and_other_tools_still_ask() -> None:
    """It is for one scope, and lifts no stage."""
    cabinet = Cabinet()
    room = cabinet.room
    cabinet.broken()
    assert room.propose(room.task(), "mail.send", {"to": "x@example.com"}).ending is Ending.WAITING
    trial = room.propose(room.task("trial"), "tickets.update", LARGE)
    assert (trial.ending, trial.call.glass) == (Ending.DRAFT, "")


def test_ending_it_counts_at_once() -> None:
    """Anybody may end it, unsigned; from then on people are asked again."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    room.run(cabinet.glasses.end(glass.id, by="sam"))
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING
    assert cabinet.state(glass) is GlassState.ENDED
    with pytest.raises(ConflictError):
        room.run(cabinet.glasses.end(glass.id, by="sam"))


def test_it_ends_with_the_people_who_signed_for_it() -> None:
    """One of them is switched off: nothing goes past the reviewers from that moment."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    room.gateway.registry.people["uma"] = replace(UMA, active=False)
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING
    assert room.run(cabinet.glasses.look()) == 1
    assert cabinet.state(glass) is GlassState.ENDED


def test_what_nobody_seconds_lapses() -> None:
    """After half an hour it has to be asked for again, and it never was in force."""
    cabinet = Cabinet()
    glass = cabinet.ask()
    with pytest.raises(ConflictError, match="for the same already"):
        cabinet.ask("uma")
    cabinet.room.clock.jump(break_glass.LAPSES_US)
    with pytest.raises(ConflictError, match="too long ago"):
        cabinet.second(glass)
    assert cabinet.room.run(cabinet.glasses.look()) == 1
    assert cabinet.state(glass) is GlassState.LAPSED
    assert cabinet.ask("uma").state is GlassState.ASKED


def test_who_may_not_is_told_so() -> None:
    """No right, no key, somebody else's key, another statement: nothing is broken."""
    cabinet = Cabinet((*PEOPLE, OLE, UMA, ANN, TWIN))
    with pytest.raises(NotPermittedError, match="`sam` may not do this"):
        cabinet.ask("sam")
    with pytest.raises(NotPermittedError, match="not enrolled"):
        cabinet.ask("kim")
    glass = cabinet.ask()
    with pytest.raises(NotPermittedError, match="`ann` may not do this"):
        cabinet.second(glass, "ann")
    other = replace(glass, lasts_s=60)
    with pytest.raises(SignatureError):
        cabinet.second(other)
    at_us = cabinet.room.clock.now_us()
    details = break_glass.seconded(glass)
    said = statement(break_glass.SECOND, details, person="twin", at_us=at_us)
    signature = cabinet.room.keys.sign("key-of-ole", said)
    by = Signed(person="twin", at_us=at_us, signature=signature)
    with pytest.raises(NotPermittedError, match="nobody breaks the glass alone"):
        cabinet.room.run(cabinet.glasses.second(glass.id, by))
    assert cabinet.state(glass) is GlassState.ASKED


@pytest.mark.parametrize(
    "scope, lasts_s, error",
    [
        ("everything", HOUR, BadInputError),
        ("agent:helper", HOUR, BadInputError),
        ("tool:nothing", HOUR, NotFoundError),
        (SCOPE, 4 * HOUR + 1, BadInputError),
        (SCOPE, 0, BadInputError),
    ],
)
def test_it_has_a_narrow_scope_and_an_end(scope: str, lasts_s: int, error: type[Exception]) -> None:
    """One workflow or one tool that is in force, for four hours at most."""
    with pytest.raises(error):
        Cabinet().ask(scope=scope, lasts_s=lasts_s)


def test_whoever_works_alone_has_no_glass_to_break() -> None:
    """There is no second person, so it is refused and nothing is asked for."""
    cabinet = Cabinet((OLE, replace(PEOPLE[0], public_key="")))
    cabinet.room.people = type(cabinet.room.people)(cabinet.room.gateway, team_of_one=True)
    cabinet.glasses = Glasses(cabinet.room.gateway, cabinet.room.people)
    with pytest.raises(NotPermittedError, match="nobody to be the second"):
        cabinet.ask()


def test_a_restart_keeps_it_within_its_end_and_trusts_only_signatures() -> None:
    """What the database says counts only where both have signed exactly that."""
    cabinet = Cabinet()
    glass = cabinet.broken()
    cabinet.restart()
    went = cabinet.room.propose(cabinet.room.task(), "tickets.update", LARGE)
    assert (went.ending, went.call.glass) == (Ending.DONE, glass.id)


@pytest.mark.parametrize(
    "forged",
    [
        {"scope": "workflow:support"},
        {"ends_us": 2**53},
        {"lasts_s": 4 * HOUR},
        {"second": ""},
        {"because": "another reason"},
    ],
)
def test_a_row_that_was_written_by_hand_breaks_nothing(forged: Row) -> None:
    """Whoever writes the database and has no key has won nothing."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    (row,) = room.run(room.store.rows("glasses", {"id": glass.id}))
    room.store.plant("glasses", {**row, **forged})
    cabinet.restart()
    assert cabinet.state(glass) is GlassState.ENDED
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING


def test_everything_of_it_stands_in_the_ledger() -> None:
    """Who, when, for what, with both signatures; and each call names it."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    went = room.propose(room.task(), "tickets.update", LARGE)
    room.run(cabinet.glasses.end(glass.id, by="ole"))
    cabinet.review(replace(glass, state=GlassState.ENDED), "ann")

    kinds = [kind for kind in room.kinds() if kind.startswith("glass.")]
    assert kinds == ["glass.asked", "glass.broken", "glass.ended", "glass.reviewed"]
    decided = next(one for one in room.heard(call=went.call.id) if one.kind == "call.decided")
    assert decided.body["glass"] == glass.id
    assert _codes(decided.body["floors"]) >= {"allow glass.broken", "allow boundary.ask"}


def _codes(floors: Json) -> set[str]:
    assert isinstance(floors, list)
    return {str(one) for one in floors}


def test_whoever_ends_it_while_the_second_signs_has_ended_it() -> None:
    """What was read as asked for was in force by then: it is ended all the same, and stays so."""
    cabinet = Cabinet()
    room, asked = cabinet.room, cabinet.ask()
    work: Any = cabinet.glasses.end(asked.id, by="sam")
    work.send(None)
    work.send(None)
    assert cabinet.second(asked).state is GlassState.IN_FORCE
    while not room.store.queued:
        work.send(None)
    room.store.commit(room.store.queued)
    assert room.run(work).state is GlassState.ENDED
    cabinet.restart()
    assert cabinet.state(asked) is GlassState.ENDED
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING


def test_a_row_that_says_in_force_again_breaks_nothing_that_was_ended() -> None:
    """Both signatures hold and its time is not over; but the ledger has its end."""
    cabinet = Cabinet()
    room, glass = cabinet.room, cabinet.broken()
    (row,) = room.run(room.store.rows("glasses", {"id": glass.id}))
    room.run(cabinet.glasses.end(glass.id, by="sam"))
    room.store.plant("glasses", row)
    cabinet.restart()
    assert cabinet.state(glass) is GlassState.ENDED
    assert room.propose(room.task(), "tickets.update", LARGE).ending is Ending.WAITING


@pytest.mark.parametrize("jump_us, sent", [(0, 2), (HOUR * SECOND_US, 1)])
def test_what_a_crash_left_out_goes_again_only_while_the_glass_is_broken(
    jump_us: int, sent: int
) -> None:
    """After its end nobody has answered for the call, so a person finds out what became of it."""
    cabinet = Cabinet()
    room = cabinet.room
    cabinet.broken()
    went = room.propose(room.task(), "tickets.update", LARGE)
    (row,) = room.run(room.store.rows("calls", {"id": went.call.id}))
    room.store.plant("calls", {**row, "action": "intended", "ending": "waiting"})
    room.clock.jump(jump_us)
    cabinet.restart()
    for digest, old in scenery.boundaries().items():
        desk = old.systems["desk"]
        keyed = Plumbing(recovery=Recovery.IDEMPOTENCY_KEY, idempotency_ttl_s=4 * HOUR)
        tools = {**desk.tools, "tickets.update": keyed}
        systems = {**old.systems, "desk": replace(desk, tools=tools)}
        room.gateway.registry.boundaries[digest] = replace(old, systems=systems)
    room.run(recover(room.gateway))
    assert room.sent.count("tickets.update") == sent
