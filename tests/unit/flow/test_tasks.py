"""Tokens and tasks: who may propose, for whom, about what."""

from __future__ import annotations

import pytest

from sallyport.errors import (
    BadInputError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    StoreError,
)
from sallyport.flow.registry import Token
from sallyport.flow.tasks import Opening
from sallyport.model import Ending
from sallyport.rules.commands import Ended
from sallyport.rules.times import SECOND_US
from tests.unit.flow.room import Room, refusals


def _agent_token(room: Room, *, person: str = "rita", lasts_s: int = 0) -> str:
    made = room.tasks.make_token(
        "agent", agent="helper", workflow="support", person=person, lasts_s=lasts_s, by="boss"
    )
    return room.run(made)


def _opener(room: Room, workflow: str = "support") -> Token:
    made = room.tasks.make_token("opener", agent="helper", workflow=workflow, by="boss")
    return room.tasks.bearer(room.run(made))


def _opening(**changes: object) -> Opening:
    fields: dict[str, object] = {
        "workflow": "support",
        "requester": "rita",
        "inputs": {"ticket": "T1"},
        **changes,
    }
    return Opening(**fields)  # type: ignore[arg-type]


def test_a_token_is_stored_as_its_hash_alone() -> None:
    """Neither a row nor the ledger, sealed parts included, holds the token."""
    room = Room()
    token = _agent_token(room)
    opened = room.run(room.tasks.open(_opener(room), _opening()))
    stored = [str(row) for row in room.store.committed_rows("tokens")]
    told = [f"{entry.body}{entry.secret}" for entry in room.heard()]

    assert len(stored) == 3
    for secret in (token, opened.token):
        assert not any(secret in row.replace(f"hash-of-{secret}", "") for row in stored)
        assert not any(secret in entry.replace(f"hash-of-{secret}"[:16], "") for entry in told)


def test_a_token_is_what_it_was_made_as_also_after_a_restart() -> None:
    """Kind, agent, workflow and person come from the row, not from the bearer."""
    room = Room()
    token = _agent_token(room)
    made = room.tasks.bearer(token)
    room.start()

    assert room.tasks.bearer(token) == made
    assert (made.kind, made.agent, made.workflow, made.person) == (
        "agent",
        "helper",
        "support",
        "rita",
    )


@pytest.mark.parametrize("token", ["", "spa-token-2", "hash-of-spa-token-1", "SPA-TOKEN-1"])
def test_an_unknown_token_is_nobody(token: str) -> None:
    """Also the stored hash itself."""
    room = Room()
    _agent_token(room)

    with pytest.raises(NotAuthenticatedError):
        room.tasks.bearer(token)


def test_a_token_ends_to_the_microsecond() -> None:
    """Its last moment counts; its end does not."""
    room = Room()
    token = _agent_token(room, lasts_s=60)
    room.clock.jump(60 * SECOND_US - 1)
    room.tasks.bearer(token)
    room.clock.jump(1)

    with pytest.raises(NotAuthenticatedError, match="expired"):
        room.tasks.bearer(token)


def test_a_revoked_token_is_worthless_at_once_and_after_a_restart() -> None:
    """And calls that its agent had decided on are looked at again."""
    room = Room()
    token = _agent_token(room)
    epoch = room.gateway.fences.epoch
    room.run(room.tasks.revoke(room.tasks.bearer(token).id, by="boss"))

    assert room.gateway.fences.closed_for(("agent:helper",), epoch)
    for _ in range(2):
        with pytest.raises(NotAuthenticatedError):
            room.tasks.bearer(token)
        room.start()


def test_what_waits_under_a_revoked_key_is_never_done() -> None:
    """A yes that comes after the key was taken away lets nothing out."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room))
    task = room.run(room.tasks.task_for(token, "support"))
    asked = room.propose(task, "mail.send", {"to": "ann@example.com"})
    room.run(room.tasks.revoke(token.id, by="boss"))
    room.answer(asked, "lea", yes=True)
    (ended,) = room.follow()

    assert isinstance(ended, Ended)
    assert (room.sent, refusals(ended)) == ([], ["request.no_task"])


def test_revoking_needs_one_token() -> None:
    """A prefix that fits several, or none, revokes nothing."""
    room = Room()
    tokens = [_agent_token(room), _agent_token(room)]
    for prefix in ("hash-of-", "no-such"):
        with pytest.raises(NotFoundError):
            room.run(room.tasks.revoke(prefix, by="boss"))

    assert [room.tasks.bearer(token).kind for token in tokens] == ["agent", "agent"]


@pytest.mark.parametrize("workflow", ["billing", "", "Support", "nothing"])
def test_a_token_proposes_in_its_own_workflow_alone(workflow: str) -> None:
    """Another workflow's boundary is not its to use."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room))

    with pytest.raises(NotPermittedError):
        room.run(room.tasks.task_for(token, workflow))


def test_an_opener_proposes_nothing() -> None:
    """It opens tasks; the task's token proposes."""
    room = Room()

    with pytest.raises(NotPermittedError):
        room.run(room.tasks.task_for(_opener(room), "support"))


def test_an_agents_token_opens_no_tasks() -> None:
    """Else it could choose its own requester and inputs."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room))

    with pytest.raises(NotPermittedError):
        room.run(room.tasks.open(token, _opening()))


def test_an_opener_opens_in_its_own_workflow_alone() -> None:
    """One made for billing opens none in support."""
    room = Room()

    with pytest.raises(NotPermittedError):
        room.run(room.tasks.open(_opener(room, "billing"), _opening()))


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": {"ticket": "T1", "more": "x"}},
        {"inputs": {"Ticket": "T1"}},
        {"inputs": {"ticket": ""}},
        {"inputs": {"ticket": 1}},
        {"inputs": {"ticket": None}},
        {"inputs": {"ticket": ["T1"]}},
        {"requester": "nobody"},
        {"requester": ""},
        {"lasts_s": 0},
        {"lasts_s": -1},
        {"lasts_s": 31 * 24 * 3600},
    ],
    ids=str,
)
def test_what_does_not_fit_the_boundary_opens_no_task(changes: dict[str, object]) -> None:
    """Inputs that are named and of their kind, a known requester, a life of at most a month."""
    room = Room()

    with pytest.raises(BadInputError):
        room.run(room.tasks.open(_opener(room), _opening(**changes)))
    assert room.store.committed_rows("tasks") == ()


def test_what_needs_an_input_that_was_not_bound_is_refused() -> None:
    """A task may know less than its boundary has names for; unknown is not proved."""
    room = Room()
    opened = room.run(room.tasks.open(_opener(room), _opening(inputs={})))
    note = room.propose(opened.task, "tickets.note", {"ticket": "T1", "text": "hello"})
    read = room.propose(opened.task, "kb.search", {"q": "how"})

    assert refusals(note) == ["boundary.only"]
    assert read.ending is Ending.DONE


def test_a_workflow_without_a_signed_boundary_opens_no_task() -> None:
    """There is nothing to be held to."""
    room = Room()

    with pytest.raises(BadInputError, match="no signed boundary"):
        room.run(room.tasks.open(_opener(room, ""), _opening(workflow="nothing")))


def test_requester_and_inputs_are_the_openers() -> None:
    """And the task keeps them over a restart, with the version it began under."""
    room = Room()
    opened = room.run(room.tasks.open(_opener(room), _opening(words="please", instance="run-9")))
    room.start()
    task = room.run(room.tasks.task_for(room.tasks.bearer(opened.token), "support"))

    assert task == opened.task
    assert (task.requester, task.inputs, task.words, task.instance) == (
        "rita",
        {"ticket": "T1"},
        "please",
        "run-9",
    )
    assert task.boundary == "support-v0"


def test_inputs_and_words_stand_sealed_beside_the_ledger_and_not_in_it() -> None:
    """The clear entry names the inputs and repeats none."""
    room = Room()
    room.run(room.tasks.open(_opener(room), _opening(words="canary")))
    entry = room.heard(kind="task.opened")[0]

    assert entry.body["inputs"] == ["ticket"]
    assert "canary" not in str(entry.body)
    assert "T1" not in str(entry.body)
    assert entry.secret is not None
    assert entry.secret["words"] == "canary"


def test_nothing_is_done_in_a_task_that_is_closed_or_over() -> None:
    """Neither by its token nor by what was under way."""
    room = Room()
    opener = _opener(room)
    closed, over = (room.run(room.tasks.open(opener, _opening(lasts_s=60))) for _ in range(2))
    room.run(room.tasks.close(closed.task.id, by="opener"))
    refused = room.propose(closed.task, "kb.search", {"q": "how"})
    room.clock.jump(61 * SECOND_US)

    assert refusals(refused) == ["request.no_task"]
    assert refusals(room.propose(over.task, "kb.search", {"q": "how"})) == ["request.task_over"]
    for token in (closed.token, over.token):
        with pytest.raises(NotAuthenticatedError):
            room.run(room.tasks.task_for(room.tasks.bearer(token), "support"))


def test_closing_what_is_not_open_says_so() -> None:
    """No task of that name."""
    room = Room()

    with pytest.raises(NotFoundError):
        room.run(room.tasks.close("t_none", by="opener"))


def test_a_standing_task_survives_and_has_its_requester() -> None:
    """One per key, without inputs, for the person named when the key was made."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room, person="rita"))
    first = room.run(room.tasks.task_for(token, "support"))
    again = room.run(room.tasks.task_for(token, "support"))
    room.start()
    later = room.run(room.tasks.task_for(token, "support"))

    assert first == again == later
    assert (first.requester, first.inputs, first.standing) == ("rita", {}, True)
    assert room.kinds().count("task.opened") == 1


def test_two_keys_have_two_standing_tasks() -> None:
    """Each for its own requester."""
    room = Room()
    tokens = [room.tasks.bearer(_agent_token(room, person=name)) for name in ("rita", "lea")]
    tasks = [room.run(room.tasks.task_for(token, "support")) for token in tokens]

    assert [task.requester for task in tasks] == ["rita", "lea"]
    assert tasks[0].id != tasks[1].id


def test_a_standing_task_follows_the_boundary_in_force() -> None:
    """It has no beginning to be held to; the renewal is on record."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room))
    room.run(room.tasks.task_for(token, "support"))
    room.gateway.registry.active["support"] = "support-v1"
    renewed = room.run(room.tasks.task_for(token, "support"))

    assert renewed.boundary == "support-v1"
    assert room.kinds()[-1] == "task.renewed"


def test_a_standing_task_that_was_closed_stays_closed_after_a_restart() -> None:
    """Closing it is for good, as far as this key goes."""
    room = Room()
    token = room.tasks.bearer(_agent_token(room))
    task = room.run(room.tasks.task_for(token, "support"))
    room.run(room.tasks.close(task.id, by="boss"))
    room.start()

    with pytest.raises(NotAuthenticatedError):
        room.run(room.tasks.task_for(token, "support"))
    assert refusals(room.propose(task, "kb.search", {"q": "how"})) == ["request.no_task"]


def test_a_task_that_could_not_be_written_down_is_not_there() -> None:
    """Nothing counts in memory that the database does not have."""
    room = Room()
    token, opener = room.tasks.bearer(_agent_token(room)), _opener(room)
    room.failing = True
    with pytest.raises(StoreError):
        room.run(room.tasks.task_for(token, "support"))
    with pytest.raises(StoreError):
        room.run(room.tasks.open(opener, _opening()))

    assert room.gateway.registry.tasks == {}


def test_a_key_is_for_an_agent_and_a_person_who_exist() -> None:
    """A misspelled name must not wait for somebody to take it."""
    room = Room()

    for agent, person in (("nobody", "rita"), ("helper", "nobody")):
        with pytest.raises(NotFoundError):
            room.run(
                room.tasks.make_token(
                    "agent", agent=agent, workflow="support", person=person, by="boss"
                )
            )


def test_a_standing_task_works() -> None:
    """The laws above are about a task that calls can be made in."""
    room = Room()
    task = room.run(room.tasks.task_for(room.tasks.bearer(_agent_token(room)), "support"))

    assert room.propose(task, "kb.search", {"q": "how"}).ending is Ending.DONE
