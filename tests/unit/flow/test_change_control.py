"""Git proposes, a signature activates; what may widen needs two people and one statement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow.authority import ALONE_US
from sallyport.flow.hypothesis import Supposed, try_call
from sallyport.flow.tasks import Opening
from sallyport.flow.versions import State
from sallyport.model import Ending, JsonObject, Verdict
from sallyport.ports import Proof
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.boundary.signing import Change, Missing
from sallyport.rules.boundary.workflow_file import REQUIRED
from sallyport.simulate import scenery
from tests.requirements import requirement
from tests.unit.flow.chancery import (
    NAME,
    OTHER,
    PROVED,
    REFUTED,
    SYSTEM,
    UNKNOWN,
    Chancery,
    written,
)
from tests.unit.flow.room import BOSS, refusals

ALONE = (BOSS, *(replace(one, public_key="") for one in scenery.PEOPLE if one.name == "rita"))


@pytest.fixture
def room() -> Chancery:
    """Return a room of several people."""
    return Chancery()


@pytest.fixture
def lone() -> Chancery:
    """Return a room of one person, in `team: one`."""
    return Chancery(people=ALONE, team_of_one=True)


# --- Who must sign. ---


def test_a_first_version_needs_two_people(room: Chancery) -> None:
    """There is nothing to compare it with, so all of it widens."""
    proposed = room.proposed()

    first = room.sign(proposed, "boss")
    assert (proposed.said.change, first.missing) == (Change.FIRST, Missing.SECOND)
    assert (room.active, first.counts_from_us) == ("", 0)
    second = room.sign(proposed, "sam")
    assert (room.active, second.missing) == (proposed.boundary.digest, None)
    assert second.version.author == "boss"
    assert room.states() == [State.ACTIVE]


def test_what_was_proved_against_one_version_does_not_slip_in_after_another(
    room: Chancery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two narrowings at the same moment: the second one may widen what the first one narrowed."""
    room.in_force()
    room.oracle.says = PROVED
    one, other = room.proposed(written(length=20)), room.proposed(written(calls=5))
    rows = room.store.rows

    async def meanwhile(*asked: Any) -> Any:
        monkeypatch.setattr(room.store, "rows", rows)
        room.sign(one, "boss")
        return await rows(*asked)

    monkeypatch.setattr(room.store, "rows", meanwhile)
    with pytest.raises(ConflictError):
        room.sign(other, "lea")
    assert room.active == one.boundary.digest


def test_a_proved_narrowing_needs_its_owner_alone(room: Chancery) -> None:
    """And the proof is kept with it: result, solver, time, digest of the formulas."""
    room.in_force()
    room.oracle.says = PROVED
    narrower = room.proposed(written(length=20))

    done = room.sign(narrower, "lea")
    assert (narrower.said.change, done.missing) == (Change.NARROWS, None)
    assert room.active == narrower.boundary.digest
    kept = room.history()[-1].proof
    assert (kept["result"], kept["solver"], kept["ms"]) == ("narrows", "z3 1", 7)
    assert kept["formulas"] == PROVED.formulas
    assert kept["at_us"] == narrower.judged.at_us


@requirement("A-24")
@pytest.mark.parametrize(
    "proof, change",
    [
        (REFUTED, Change.WIDENS),
        (UNKNOWN, Change.UNKNOWN),
        (Proof(proved=True, unknown=("a word it does not know",)), Change.UNKNOWN),
        (Proof(proved=False), Change.UNKNOWN),
    ],
)
def test_a_change_that_is_not_proved_needs_a_second_person(
    room: Chancery, proof: Proof, change: Change
) -> None:
    """Editing the live policy without a second approver is refused: calls go on as before.

    Each decision's record names the digest of the version that counted.
    """
    room.in_force()
    before = room.active
    room.oracle.says = proof
    wider = room.proposed(written(length=80))

    room.sign(wider, "boss")
    assert (wider.said.change, room.active) == (change, before)
    ended = room.propose(room.work(), "kb.search", {"q": "x" * 60})
    assert ended.ending is Ending.REFUSED
    decided = [one for one in room.heard() if one.kind == "call.decided"]
    assert [one.body["boundary"] for one in decided] == [before]

    room.sign(wider, "sam")
    assert room.active == wider.boundary.digest
    assert room.propose(room.work(), "kb.search", {"q": "x" * 60}).ending is Ending.DONE
    decided = [one for one in room.heard() if one.kind == "call.decided"]
    assert decided[-1].body["boundary"] == room.active


def test_without_a_solver_every_change_needs_two(room: Chancery) -> None:
    """Nothing is taken for proved because nothing could be asked."""
    room.in_force()
    room.oracle.says = Proof(proved=False, unknown=("no solver is installed",))

    assert room.sign(room.proposed(written(length=20)), "boss").missing is Missing.SECOND


def test_the_prover_gets_both_versions_as_they_are_kept(room: Chancery) -> None:
    """Pins included: what it proves is what would be in force."""
    room.in_force()
    room.proposed(written(length=20))

    new, old = room.oracle.asked[-1]
    assert old is not None
    assert new["workflow"] == written(length=20)
    assert old["workflow"] == written()
    assert new["pins"] == old["pins"] != []


# --- Signatures. ---


def test_one_person_cannot_be_two(room: Chancery) -> None:
    """The same person twice is once, whatever roles they hold."""
    proposed = room.proposed()
    room.sign(proposed, "lea")
    with pytest.raises(ConflictError, match="signed this version already"):
        room.sign(proposed, "lea")

    assert room.active == ""


@pytest.mark.parametrize("person", ["lou", "pat", "rita"])
def test_whoever_holds_no_such_role_signs_nothing(room: Chancery, person: str) -> None:
    """Neither first nor second."""
    proposed = room.proposed()
    with pytest.raises(NotPermittedError, match="may not sign boundaries"):
        room.sign(proposed, person)
    room.sign(proposed, "boss")
    with pytest.raises(NotPermittedError, match="may not sign boundaries"):
        room.sign(proposed, person)


def test_a_reviewer_signs_only_what_an_owner_has_signed(room: Chancery) -> None:
    """The owner answers for it, so the owner goes first."""
    proposed = room.proposed()
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(proposed, "sam")

    assert room.history() == []


def test_somebody_elses_signature_is_none(room: Chancery) -> None:
    """A signature is checked by the key of whoever is said to have made it."""
    with pytest.raises(SignatureError):
        room.sign(room.proposed(), "boss", by="lea")


def test_whoever_is_not_enrolled_signs_nothing(room: Chancery) -> None:
    """Kim has roles and no key; nobody is called Zoe."""
    for person in ("kim", "zoe"):
        with pytest.raises(NotPermittedError, match="not enrolled"):
            room.sign(room.proposed(), person)


def test_a_signature_under_another_proposal_does_not_count(room: Chancery) -> None:
    """Also where it is the same digest: what stands in the ledger brings nothing back."""
    one = room.proposed(because="spring")
    old = room.keys.sign("key-of-boss", one.statement)
    room.sign(one, "boss", "sam")
    room.in_force(written(length=20))
    again = room.proposed()
    assert again.boundary.digest == one.boundary.digest
    with pytest.raises(SignatureError):
        room.run(room.authority.activate(one.boundary.digest, person="boss", signature=old))

    assert room.active != one.boundary.digest


def test_a_signature_is_for_one_reason(room: Chancery) -> None:
    """The words that say why are signed, so nobody can put others in their place.

    Somebody who proposes the same meanwhile, for another reason, is not in the way.
    """
    given = room.proposed(because="to answer faster")
    room.proposed(because="for a test")
    room.sign(given, "boss")
    assert room.history()[-1].statement.because == "to answer faster"

    (row,) = room.run(room.store.rows("versions"))
    room.store.plant("versions", {**row, "because": "for a test"})
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(given, "sam")
    assert room.active == ""


def test_a_second_signature_after_the_proposal_changed_completes_nothing(room: Chancery) -> None:
    """The file was edited between the two: each has signed something else."""
    room.sign(room.proposed(), "boss")
    edited = room.proposed(written(length=80))
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(edited, "sam")
    room.sign(edited, "lea")

    assert room.active == ""
    assert room.states() == [State.OVERTAKEN, State.PENDING]


def test_a_version_proved_against_one_that_counts_no_more_is_proposed_anew(room: Chancery) -> None:
    """What was a narrowing then may be a widening now."""
    room.in_force()
    room.oracle.says = PROVED
    late = room.proposed(written(length=30))
    room.sign(room.proposed(written(length=20)), "boss")
    with pytest.raises(ConflictError, match="another version came into force"):
        room.sign(late, "boss")

    assert room.proposed(written(length=30)).said.against == room.active


def test_nothing_is_signed_that_was_not_proposed(room: Chancery) -> None:
    """And the error says how to go on."""
    with pytest.raises(NotFoundError) as failed:
        room.run(room.authority.activate("0" * 64, person="boss", signature="00"))
    assert "boundary sign" in failed.value.fix


def test_a_boundary_with_errors_cannot_be_signed(room: Chancery) -> None:
    """Two signatures do not make it sound."""
    expired = written().replace("2090-12-31", "2001-12-31")
    with pytest.raises(BadInputError, match="problem"):
        room.sign(room.proposed(expired), "boss")


# --- Between the two signatures. ---


def test_a_pending_version_survives_a_restart(room: Chancery) -> None:
    """Whoever signs second proposes the same files, and signs the same statement."""
    proposed = room.proposed(because="spring")
    room.sign(proposed, "boss")
    room.start()
    again = room.proposed()

    assert again.statement == proposed.statement
    assert again.pending is not None
    assert again.pending.signatures[0].person == "boss"
    assert room.sign(again, "sam").version.statement.because == "spring"
    assert room.active == proposed.boundary.digest


def test_a_later_signature_overtakes_what_waits(room: Chancery) -> None:
    """Two versions never wait together, and the older can be completed no more."""
    first = room.proposed(written(length=80))
    room.sign(first, "boss")
    room.sign(room.proposed(written(length=90)), "boss")

    assert room.states() == [State.OVERTAKEN, State.PENDING]
    with pytest.raises(NotPermittedError):
        room.sign(first, "sam")


def test_a_narrowing_overtakes_a_widening_that_waits(room: Chancery) -> None:
    """Thought better of: what waited was compared with a version that counts no more."""
    room.in_force()
    room.sign(room.proposed(written(length=80)), "boss")
    room.oracle.says = PROVED
    room.sign(room.proposed(written(length=20)), "lea")

    assert room.states() == [State.SUPERSEDED, State.OVERTAKEN, State.ACTIVE]


def test_whoever_was_switched_off_meanwhile_has_not_signed(room: Chancery) -> None:
    """The second signature finds no first; a reviewer's alone is none."""
    proposed = room.proposed()
    room.sign(proposed, "lea")
    room.switch_off("lea")
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(proposed, "sam")
    assert room.sign(proposed, "boss").missing is Missing.SECOND
    assert room.active == ""

    assert [one.person for one in room.history()[-1].signatures] == ["boss"]
    room.sign(room.proposed(), "sam")
    assert room.active == proposed.boundary.digest


def test_whoever_has_another_key_meanwhile_has_not_signed(room: Chancery) -> None:
    """A key that was replaced may have been lost: what it signed needs signing again."""
    proposed = room.proposed()
    room.sign(proposed, "lea")
    room.new_key("lea", "another-key-of-lea")
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(proposed, "sam")

    assert room.active == ""


def test_whoever_lost_the_role_meanwhile_has_not_signed(room: Chancery) -> None:
    """An owner who is one no more cannot be the first of two."""
    proposed = room.proposed()
    room.sign(proposed, "lea")
    details: JsonObject = {"name": "lea", "roles": ["support"], "public_key": "key-of-lea"}
    by = room.signed("enrol", details)
    room.run(room.people.enrol("lea", ("support",), "key-of-lea", by=by))
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(proposed, "sam")


def test_a_signature_that_was_changed_in_the_database_is_none(room: Chancery) -> None:
    """Each is looked at again when the version would count."""
    proposed = room.proposed()
    room.sign(proposed, "boss")
    (row,) = room.run(room.store.rows("versions"))
    forged = str(row["signatures"]).replace('"boss"', '"lea"').replace("of-boss", "of-lea")
    room.store.plant("versions", {**row, "signatures": forged})
    with pytest.raises(NotPermittedError, match="an owner has signed"):
        room.sign(proposed, "sam")


# --- One person alone. ---


def test_a_lone_widening_counts_at_once_where_nothing_is_at_stake(lone: Chancery) -> None:
    """Environment test and personal."""
    for environment in ("test", "personal"):
        lone.in_force(written(environment=environment))
        assert lone.states()[-1] is State.ACTIVE


def test_a_lone_widening_waits_a_day_in_production(lone: Chancery) -> None:
    """Nobody else can look, so time has to."""
    done = lone.sign(lone.proposed(), "boss")
    assert (lone.active, done.missing) == ("", None)
    lone.clock.jump(ALONE_US - 1_000_000)
    lone.run(lone.authority.bring_due())
    assert lone.active == ""

    lone.clock.jump(2_000_000)
    lone.run(lone.authority.bring_due())
    assert lone.active == done.boundary.digest


def test_a_lone_narrowing_waits_for_nothing(lone: Chancery) -> None:
    """Whoever takes something away need not sleep over it."""
    lone.sign(lone.proposed(), "boss")
    lone.clock.jump(ALONE_US + 1)
    lone.run(lone.authority.bring_due())
    lone.oracle.says = PROVED
    narrower = lone.proposed(written(length=20))
    lone.sign(narrower, "boss")

    assert lone.active == narrower.boundary.digest


def test_what_a_lone_person_signed_needs_another_once_somebody_enrolled(lone: Chancery) -> None:
    """`team: one` is over, so the day does not suffice; the other one's signature does."""
    done = lone.sign(lone.proposed(), "boss")
    details: JsonObject = {"name": "sam", "roles": ["reviewer"], "public_key": "key-of-sam"}
    by = lone.signed("enrol", details)
    lone.run(lone.people.enrol("sam", ("reviewer",), "key-of-sam", by=by))
    lone.clock.jump(ALONE_US + 1)
    lone.run(lone.authority.bring_due())
    assert lone.active == ""
    assert lone.authority.missing(lone.history()[-1]) is Missing.SECOND

    lone.sign(lone.proposed(), "sam")
    assert lone.active == done.boundary.digest


# --- History and reverts. ---


def test_a_revert_that_widens_is_a_widening(room: Chancery) -> None:
    """The old sources are compiled and proved against the version in force like any others."""
    room.in_force()
    room.oracle.says = PROVED
    room.sign(room.proposed(written(length=20)), "boss")
    room.oracle.says = REFUTED
    back = room.run(room.authority.revert(NAME, 1))

    assert (back.said.change, back.reverts) == (Change.WIDENS, 1)
    assert back.said.because == "back to version 1"
    assert room.sign(back, "boss").missing is Missing.SECOND
    room.sign(back, "sam")
    newest = room.history()[-1]
    assert (newest.number, newest.reverts, newest.digest) == (3, 1, room.history()[0].digest)
    assert room.states() == [State.SUPERSEDED, State.SUPERSEDED, State.ACTIVE]


def test_a_revert_that_narrows_needs_its_owner_alone(room: Chancery) -> None:
    """Going back is quick where it takes away."""
    room.in_force(written(length=20))
    room.in_force(written(length=80))
    room.oracle.says = PROVED

    assert room.sign(room.run(room.authority.revert(NAME, 1)), "lea").missing is None


def test_a_revert_takes_the_tools_as_they_are_offered_now(room: Chancery) -> None:
    """The old words over a new definition are a version of their own."""
    room.in_force()
    room.in_force(written(length=20))
    room.offering.title = "Search everything"
    back = room.run(room.authority.revert(NAME, 1))

    assert back.sources.workflow == written()
    assert back.boundary.digest != room.history()[0].digest


def test_there_is_no_going_back_to_what_never_was(room: Chancery) -> None:
    """The error names the command that lists what was."""
    room.in_force()
    with pytest.raises(NotFoundError, match="no version 7") as failed:
        room.run(room.authority.revert(NAME, 7))
    assert "history" in failed.value.fix


def test_a_version_keeps_who_when_why_and_what_was_proved(room: Chancery) -> None:
    """In its row and in the ledger; the calls that refute it are sealed there."""
    room.in_force()
    room.oracle.says = REFUTED
    wider = room.proposed(written(length=80), because="longer questions")
    room.sign(wider, "boss", "sam")

    version = room.history()[-1]
    assert (version.author, version.statement.because) == ("boss", "longer questions")
    assert [one.person for one in version.signatures] == ["boss", "sam"]
    entries = [one for one in room.heard() if one.kind.startswith("boundary.")]
    kinds = [one.kind for one in entries]
    assert kinds == ["boundary.signed", "boundary.activated"] * 2
    body = cast("dict[str, Any]", entries[-1].body)
    sealed = cast("dict[str, Any]", entries[-1].secret)
    assert body["digest"] == wider.boundary.digest
    assert body["replaces"] == body["against"] == room.history()[0].digest
    assert (body["change"], body["author"]) == ("widens", "boss")
    assert [one["person"] for one in body["signatures"]] == ["boss", "sam"]
    assert body["proof"]["solver"] == "z3 1"
    assert "counterexamples" not in body["proof"]
    assert sealed["proof"]["counterexamples"] == list(REFUTED.counterexamples)


@requirement("B-67")
def test_what_is_signed_is_what_decides(room: Chancery) -> None:
    """The digest in the statement that people sign, and read in plain words, is the policy's."""
    proposed = room.proposed()
    room.sign(proposed, "boss", "sam")
    (active,) = [room.gateway.registry.boundary_of(NAME)]

    assert active is not None
    assert f'"digest":"{active.digest}"'.encode() in proposed.statement
    assert proposed.said.digest == proposed.boundary.digest == active.digest
    assert active.digest in proposed.plain
    assert "Answer questions." in proposed.plain


def test_two_boundaries_that_differ_only_in_a_system_file_have_different_digests(
    room: Chancery,
) -> None:
    """And so the change needs signatures: how a tool is handled is part of what was granted."""
    room.in_force()
    slower = room.proposed(system=f"{SYSTEM}tools:\n  kb.search: {{timeout: 9s}}\n")
    elsewhere = room.proposed(system=SYSTEM.replace("kb.invalid", "kb2.invalid"))

    assert len({room.active, slower.boundary.digest, elsewhere.boundary.digest}) == 3


# --- Running tasks. ---


def test_a_narrowing_applies_to_the_next_call_of_a_running_task(room: Chancery) -> None:
    """Whatever the task began under."""
    room.in_force()
    task = room.work()
    assert room.propose(task, "kb.search", {"q": "x" * 30}).ending is Ending.DONE
    room.oracle.says = PROVED
    room.sign(room.proposed(written(length=20)), "boss")
    room.gateway.registry.verified.add("kb")

    ended = room.propose(task, "kb.search", {"q": "y" * 30})
    assert ended.ending is Ending.REFUSED
    assert room.propose(task, "kb.search", {"q": "y" * 20}).ending is Ending.DONE


def test_a_widening_does_not_reach_a_running_task(room: Chancery) -> None:
    """It is held to the version it began under; the next task is not."""
    room.in_force()
    task = room.work()
    room.in_force(written(length=80))
    later = room.work()

    assert room.propose(task, "kb.search", {"q": "x" * 60}).ending is Ending.REFUSED
    assert room.propose(later, "kb.search", {"q": "x" * 60}).ending is Ending.DONE


def test_an_agent_without_a_boundary_is_refused(room: Chancery) -> None:
    """A version that waits for its second signature is none yet."""
    proposed = room.proposed()
    room.sign(proposed, "boss")
    task = room.work(proposed.boundary.digest)

    assert room.gateway.registry.boundaries_for(task) == ()
    assert refusals(room.propose(task, "kb.search", {"q": "x"})) == ["boundary.none"]


@requirement("B-65")
@pytest.mark.parametrize("signers", [(), ("boss",)])
def test_a_workflow_that_is_not_signed_grants_nothing(
    room: Chancery, signers: tuple[str, ...]
) -> None:
    """Proposed, or signed by one of two: no task can be opened in it, and an agent's call fails."""
    proposed = room.proposed()
    if signers:
        room.sign(proposed, *signers)
    token = room.run(room.tasks.make_token("opener", agent="helper", workflow=NAME, by="boss"))
    opening = Opening(workflow=NAME, requester="rita", inputs={})
    with pytest.raises(BadInputError, match="no signed boundary"):
        room.run(room.tasks.open(room.tasks.bearer(token), opening))

    task = room.work(proposed.boundary.digest)
    assert refusals(room.propose(task, "kb.search", {"q": "x"})) == ["boundary.none"]


@requirement("B-65")
@pytest.mark.parametrize("word", sorted(REQUIRED))
def test_a_workflow_is_described_before_it_grants_anything(room: Chancery, word: str) -> None:
    """Purpose, owner, users, environment, end: without one of them the grants are not even read."""
    lines = [line for line in written().splitlines() if not line.startswith(f"{word}:")]
    if word == "tools":
        lines = [line for line in lines if not line.startswith("  ")]
    with pytest.raises(BoundaryErrors, match=f"`{word}`"):
        room.proposed("\n".join(lines) + "\n")

    assert room.active == ""


@requirement("B-68")
def test_each_workflow_has_the_tools_of_its_own_list(room: Chancery) -> None:
    """Both tools are offered to the same agent; each workflow allows the one that it names."""
    room.offering.names = ("kb.search", "kb.read")
    for name, tool in ((NAME, "kb.search"), (OTHER, "kb.read")):
        room.in_force(written(name=name).replace("kb.search", tool))
    for name, tool, other in ((NAME, "kb.search", "kb.read"), (OTHER, "kb.read", "kb.search")):
        task = room.work(workflow=name)

        assert room.propose(task, tool, {"q": "x"}).ending is Ending.DONE
        refused = room.propose(task, other, {"q": "x"})
        assert refusals(refused) == ["boundary.tool_not_declared"]


# --- The baseline. ---


def marked(room: Chancery) -> None:
    """Put a narrow and a wide version in force, and make the narrow one the baseline."""
    room.in_force(written(length=20))
    room.in_force(written(length=80))
    room.mark(1)


def test_a_baseline_holds_every_call_while_it_is_on(room: Chancery) -> None:
    """The strictest of both decides, also for tasks that began before; off, it is as signed."""
    marked(room)
    task = room.work()
    assert room.propose(task, "kb.search", {"q": "a" * 60}).ending is Ending.DONE
    room.switch_on()
    assert room.propose(task, "kb.search", {"q": "b" * 60}).ending is Ending.REFUSED
    assert room.propose(task, "kb.search", {"q": "b" * 20}).ending is Ending.DONE
    long = Supposed(tool="kb.search", args={"q": "x" * 60}, requester="rita")
    tried = room.run(try_call(room.gateway, NAME, long))
    assert tried.verdict is Verdict.REFUSE

    room.lift()
    assert room.propose(task, "kb.search", {"q": "c" * 60}).ending is Ending.DONE
    kinds = [kind for kind in room.kinds() if kind.startswith("baseline.")]
    assert kinds == ["baseline.marked", "baseline.on", "baseline.off"]


def test_a_baseline_stays_on_over_a_restart_and_a_new_version(room: Chancery) -> None:
    """A floor only adds: no later signature lifts it."""
    marked(room)
    room.switch_on()
    room.start()
    room.in_force(written(length=90))

    assert room.propose(room.work(), "kb.search", {"q": "x" * 60}).ending is Ending.REFUSED


def test_a_baseline_that_cannot_be_read_permits_nothing(room: Chancery) -> None:
    """Unknown is not proved."""
    marked(room)
    room.switch_on()
    room.gateway.registry.boundaries.pop(room.gateway.registry.baselines[NAME])

    assert refusals(room.propose(room.work(), "kb.search", {"q": "x"})) == ["boundary.none"]


def test_only_an_owner_marks_a_baseline_or_switches_it_off(room: Chancery) -> None:
    """A reviewer's signature, or one under other words, does neither."""
    marked(room)
    with pytest.raises(NotPermittedError):
        room.mark(2, "sam")
    room.switch_on()
    with pytest.raises(NotPermittedError):
        room.lift("sam")
    with pytest.raises(SignatureError):
        room.lift(says="other words")

    assert NAME in room.gateway.registry.baselines


def test_another_baseline_is_not_put_in_its_place_while_it_is_on(room: Chancery) -> None:
    """That would loosen without being switched off."""
    marked(room)
    room.switch_on()
    with pytest.raises(ConflictError, match="is on"):
        room.mark(2)


def test_a_version_that_never_counted_is_no_baseline(room: Chancery) -> None:
    """Nobody has put it in force, so nobody has stood for it."""
    room.sign(room.proposed(), "boss")
    with pytest.raises(ConflictError, match="never in force"):
        room.mark(1)
    with pytest.raises(NotFoundError, match="is marked"):
        room.switch_on()
