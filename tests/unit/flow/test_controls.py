"""Stop, resume and floors: memory first, then the database, and never looser by accident."""

from __future__ import annotations

import pytest

from sallyport.errors import BadInputError, ConflictError, NotFoundError, StoreError
from sallyport.model import Ending, JsonObject, Verdict
from sallyport.ports import Update
from tests.unit.flow.room import Room, refusals

SEARCH: JsonObject = {"q": "how"}


@pytest.mark.parametrize(
    "scope", ["everything", "agent:helper", "workflow:support", "system:kb", "tool:kb.search"]
)
def test_a_stop_of_every_scope_refuses_and_resuming_lets_go_on(scope: str) -> None:
    """What is stopped is refused with the person's words; lifting it leaves the boundary."""
    room = Room()
    task = room.task()
    room.run(room.controls.stop(scope, because="drill", by="sam"))
    stopped = room.propose(task, "kb.search", SEARCH)
    room.run(room.controls.resume(scope, because="over", by="sam"))
    resumed = room.propose(task, "kb.search", SEARCH)

    assert refusals(stopped) == ["switch.stop"]
    assert resumed.ending is Ending.DONE
    assert [k for k in room.kinds() if k.startswith("switch")] == ["switch.set", "switch.lifted"]


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "all",
        "Everything",
        "agent:",
        "agent: helper",
        "agent:*",
        "tool:mail.*",
        "person:sam",
        "agent:a b",
        "agent:helper\n",
        "everything ",
    ],
)
def test_a_scope_is_named_exactly_or_refused(scope: str) -> None:
    """No wildcards, no guesses: a stop that reaches nothing would look like one that does."""
    room = Room()

    with pytest.raises(BadInputError, match="is not a scope"):
        room.run(room.controls.stop(scope, because="drill", by="sam"))
    assert room.gateway.registry.switches == {}


@pytest.mark.parametrize("because", ["", "  "])
def test_a_reason_is_needed(because: str) -> None:
    """It is kept for ever."""
    room = Room()

    with pytest.raises(BadInputError, match="no reason"):
        room.run(room.controls.stop("everything", because=because, by="sam"))


def test_a_floor_cannot_loosen() -> None:
    """*Allow* is no floor."""
    room = Room()

    with pytest.raises(BadInputError, match="cannot loosen"):
        room.run(room.controls.set("everything", Verdict.ALLOW, because="drill", by="sam"))


def test_a_stop_counts_in_memory_before_it_is_written_down() -> None:
    """Between its first line and the commit, nothing that was decided earlier leaves."""
    room = Room()
    before = room.gateway.fences.epoch
    coroutine = room.controls.stop("agent:helper", because="drill", by="sam")
    coroutine.send(None)

    assert room.store.queued == 1
    assert room.kinds() == []
    assert room.gateway.fences.closed_for(("agent:helper",), before)
    assert [s.scope for s in room.gateway.registry.switches.values()] == ["agent:helper"]
    coroutine.close()


def test_a_stop_that_cannot_be_written_down_refuses_everything() -> None:
    """Nobody could say afterwards what was stopped, so nothing goes on."""
    room = Room()
    room.failing = True
    with pytest.raises(StoreError):
        room.run(room.controls.stop("agent:clerk", because="drill", by="sam"))
    room.failing = False
    ended = room.propose(room.task(), "kb.search", SEARCH)

    assert ended.ending is Ending.REFUSED
    assert refusals(ended)
    assert room.sent == []


def test_a_stop_returns_the_calls_that_are_on_the_wire() -> None:
    """Those of its scope alone: they cannot be called back."""
    room = Room()
    stops: list[tuple[str, list[str]]] = []

    async def stopped() -> None:
        for scope in ("agent:clerk", "tool:kb.search"):
            effect = await room.controls.stop(scope, because="drill", by="sam")
            stops.append((scope, [out.call.proposal.tool for out in effect.on_wire]))

    room.upstreams.after = stopped
    ended = room.propose(room.task(), "kb.search", SEARCH)

    assert stops == [("agent:clerk", []), ("tool:kb.search", ["kb.search"])]
    assert ended.ending is Ending.DONE
    assert room.gateway.dispatcher.on_wire() == ()


def test_a_stop_survives_a_restart_and_so_does_its_lifting() -> None:
    """What counts is what was written down."""
    room = Room()
    room.run(room.controls.stop("workflow:support", because="drill", by="sam"))
    room.start()
    stopped = room.propose(room.task(), "kb.search", SEARCH)
    room.run(room.controls.resume("workflow:support", because="over", by="sam"))
    room.start()

    assert refusals(stopped) == ["switch.stop"]
    assert room.propose(room.task(), "kb.search", SEARCH).ending is Ending.DONE


def test_resuming_lifts_only_its_own_scope() -> None:
    """Another stop that also covers the call stays."""
    room = Room()
    for scope in ("everything", "agent:helper"):
        room.run(room.controls.stop(scope, because="drill", by="sam"))
    lifted = room.run(room.controls.resume("everything", because="over", by="sam"))

    assert [switch.scope for switch in lifted] == ["everything"]
    assert refusals(room.propose(room.task(), "kb.search", SEARCH)) == ["switch.stop"]


def test_resuming_what_is_not_stopped_says_so() -> None:
    """A typing error must not look like a success."""
    room = Room()

    with pytest.raises(NotFoundError, match="nothing is stopped"):
        room.run(room.controls.resume("everything", because="over", by="sam"))


def test_resuming_removes_the_stop_file_that_covers_exactly_this_scope() -> None:
    """After it was recorded, and not another's."""
    room = Room()
    room.stop_file.write(("agent:helper",))
    with pytest.raises(NotFoundError):
        room.run(room.controls.resume("everything", because="over", by="sam"))
    room.run(room.controls.resume("agent:helper", because="over", by="sam"))

    assert room.stop_file.scopes() == ()
    assert room.heard(kind="switch.lifted")[0].body["stop_file"] is True


def test_resuming_that_cannot_be_written_down_lifts_nothing() -> None:
    """The switch and the file stay."""
    room = Room()
    room.run(room.controls.stop("everything", because="drill", by="sam"))
    room.stop_file.write(("everything",))
    room.failing = True
    with pytest.raises(StoreError):
        room.run(room.controls.resume("everything", because="over", by="sam"))

    assert len(room.gateway.registry.switches) == 1
    assert room.stop_file.scopes() == ("everything",)


def test_resuming_what_somebody_else_lifted_meanwhile_lifts_nothing_more() -> None:
    """Their record is not this one's: a stop file must not vanish without an entry."""
    room = Room()
    effect = room.run(room.controls.stop("everything", because="drill", by="sam"))
    room.stop_file.write(("everything",))
    draught = room.gateway.evidence.draught()
    draught.changes.append(Update("switches", effect.switch.id, {}, {"lifted_us": 1}))
    room.run(room.store.append(draught.done()))
    with pytest.raises(ConflictError):
        room.run(room.controls.resume("everything", because="over", by="sam"))

    assert room.stop_file.scopes() == ("everything",)
    assert "switch.lifted" not in room.kinds()


def test_a_floor_leaves_reads_alone_and_drafts_the_rest() -> None:
    """Draft-only: what would change something becomes a draft, and searching goes on."""
    room = Room()
    task = room.task(instance="run-2")
    room.run(room.controls.set("agent:helper", Verdict.DRAFT, because="review", by="sam"))

    assert room.propose(task, "tickets.note", {"ticket": "T1", "text": "x"}).ending is Ending.DRAFT
    assert room.propose(task, "kb.search", SEARCH).ending is Ending.DONE
    assert room.sent == ["kb.search"]


def test_resuming_says_so_when_the_stop_file_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder named `STOP`, for example: it goes on stopping, and nobody is told otherwise."""
    room = Room()
    room.stop_file.write(("everything",))

    def stay(scope: str) -> None:
        raise IsADirectoryError(21, f"Is a directory, {scope}")

    monkeypatch.setattr(room.stop_file, "lift", stay)
    with pytest.raises(ConflictError, match="goes on stopping"):
        room.run(room.controls.resume("everything", because="over", by="sam"))

    assert refusals(room.propose(room.task(), "kb.search", SEARCH)) == ["stop.file"]
