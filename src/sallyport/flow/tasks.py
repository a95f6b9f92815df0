"""Tasks and the credentials behind them: who may propose, for whom, about what.

Rules:
  1. A token is stored as its hash alone, and is one thing: an agent's, an opener's or a task's.
  2. Requester and inputs come from the opener's credential, never from what an agent sends.
  3. An agent's key alone has one standing task per workflow, without inputs, for the requester
     that was named when the key was made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    NotAuthenticatedError,
    NotFoundError,
    NotPermittedError,
    StoreError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.registry import Token, token_row
from sallyport.model import Json, Task
from sallyport.ports import Blocked, Insert, RaiseEpoch, Update
from sallyport.rules.boundary.inputs import unfit
from sallyport.rules.times import SECOND_US

STANDING_US = 10 * 365 * 24 * 3600 * SECOND_US
TASK_S_MAX = 30 * 24 * 3600
ID_SHOWN_MIN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an opener says of a task to open.

    `instance` names the run of the agent that will work on it: labels follow it. Two tasks of
    one run share what it has read. Empty means the agent's one long-lived run. `purpose` is what
    the opener says the task is for; like the requester's `words`, it is kept sealed.
    """

    workflow: str
    requester: str
    inputs: Mapping[str, Json]
    words: str = ""
    purpose: str = ""
    instance: str = ""
    lasts_s: int = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A task, and the token to hand to the agent: shown once, stored nowhere."""

    task: Task
    token: str


class Tasks:
    """Makes tokens, opens and closes tasks, and tells who a bearer is.

    Args:
        gateway: Where registry, evidence and ports are.
        new_token: Returns a fresh token for a prefix.
        token_hash: Returns the hash that a token is stored under.
    """

    def __init__(
        self,
        gateway: Gateway,
        new_token: Callable[[str], str],
        token_hash: Callable[[str], str],
    ) -> None:
        self._gateway = gateway
        self._new_token = new_token
        self._token_hash = token_hash

    def bearer(self, token: str) -> Token:
        """Return what a token is.

        Raises:
            NotAuthenticatedError: It is unknown, revoked or over.
        """
        found = self._gateway.registry.tokens.get(self._token_hash(token))
        if found is None or found.revoked:
            raise NotAuthenticatedError("the token is unknown or was revoked")
        if found.expires_us and self._gateway.evidence.now_us() >= found.expires_us:
            raise NotAuthenticatedError("the token has expired")
        return found

    def is_over(self, token: Token) -> bool:
        """Return whether a bearer who was let in once would be turned away now."""
        registry, now_us = self._gateway.registry, self._gateway.evidence.now_us()
        known = registry.tokens.get(token.id)
        if known is None or known.revoked or 0 < known.expires_us <= now_us:
            return True
        if known.kind == "agent":
            return False
        task = registry.tasks.get(known.task)
        return task is None or task.closed or now_us >= task.expires_us

    async def task_for(self, token: Token, workflow: str) -> Task:
        """Return the task that a bearer works in, opening a standing one where it has to be.

        Raises:
            NotPermittedError: The token is not for this workflow, or cannot propose calls.
            NotAuthenticatedError: Its task is over.
        """
        registry = self._gateway.registry
        if token.kind not in {"task", "agent"} or token.workflow != workflow:
            raise NotPermittedError(
                f"this token is not for proposing calls in workflow `{workflow}`",
                fix="use the token that was made for this agent and workflow",
            )
        if token.kind == "agent":
            return await self._standing(token)
        task = registry.tasks.get(token.task)
        if task is None or task.closed or self._gateway.evidence.now_us() >= task.expires_us:
            raise NotAuthenticatedError("the task of this token is over", fix="open another task")
        return task

    async def make_token(
        self,
        kind: str,
        *,
        agent: str = "",
        workflow: str = "",
        person: str = "",
        label: str = "",
        lasts_s: int = 0,
        by: str,
    ) -> str:
        """Make a token and return it, once.

        Args:
            kind: `agent` or `opener`.
            agent: The agent that bears it; for an opener, the agent it opens tasks for.
            workflow: The one workflow it is for.
            person: For an agent's key, the requester of its standing task.
            label: What people call it.
            lasts_s: Seconds until it ends; 0 for no end.
            by: Who made it.

        Raises:
            NotFoundError: The agent or the person does not exist.
        """
        self._must_exist(agent, person if kind == "agent" else "")
        token = self._new_token({"agent": "spa", "opener": "spo"}[kind])
        now_us = self._gateway.evidence.now_us()
        row = Token(
            id=self._token_hash(token),
            kind=kind,
            agent=agent,
            workflow=workflow,
            person=person,
            label=label,
            expires_us=now_us + lasts_s * SECOND_US if lasts_s else 0,
        )
        await self._keep(row, by)
        return token

    async def revoke(self, token_id: str, *, by: str) -> Token:
        """Make a token worthless from this moment; a task ends with its token.

        Raises:
            NotFoundError: No token has this id.
        """
        gateway = self._gateway
        matches = [t for t in gateway.registry.tokens.values() if t.id.startswith(token_id)]
        if len(matches) != 1 or len(token_id) < ID_SHOWN_MIN:
            raise NotFoundError(f"no single token has the id `{token_id[:16]}`")
        token = gateway.registry.tokens.pop(matches[0].id)
        epoch = gateway.fences.close((f"agent:{token.agent}",))
        draught = gateway.evidence.draught()
        draught.changes += [
            Update("tokens", token.id, {}, {"revoked": 1}),
            RaiseEpoch((f"agent:{token.agent}",), epoch),
        ]
        gateway.evidence.note(
            draught,
            "token.revoked",
            {"token": token.id[:16], "kind": token.kind, "agent": token.agent, "by": by},
            index={"agent": token.agent, "person": by},
        )
        await gateway.outside.store.append(draught.done())
        for task_id in (token.task, _standing_id(token)):
            if task_id in gateway.registry.tasks:
                await self.close(task_id, by=by)
        return token

    async def open(self, opener: Token, opening: Opening) -> Opened:
        """Open a task for an opener, and return it with the token that is the task.

        Raises:
            NotPermittedError: The token opens no tasks, or not in this workflow.
            BadInputError: The workflow has no boundary, the requester is unknown, or the inputs
                are not the ones that the boundary names.
        """
        if opener.kind != "opener" or opener.workflow not in {"", opening.workflow}:
            raise NotPermittedError(
                f"this token cannot open tasks in workflow `{opening.workflow}`",
                fix="use an opener's token for this workflow",
            )
        task = self._task(opener.agent, opening)
        token = self._new_token("spt")
        row = Token(
            id=self._token_hash(token),
            kind="task",
            agent=task.agent,
            workflow=task.workflow,
            task=task.id,
            person=task.requester,
            expires_us=task.expires_us,
        )
        await self._record(task, row, purpose=opening.purpose)
        return Opened(task=task, token=token)

    async def known(self, task_id: str) -> Task | None:
        """Return a task, open or long over; None where there was none."""
        found = await self._gateway.outside.store.rows("tasks", {"id": task_id})
        return rows.task_of(found[0], self._gateway.outside.vault) if found else None

    async def close(self, task_id: str, *, by: str) -> None:
        """Close a task: from this moment nothing is done in it.

        Raises:
            NotFoundError: No open task has this id.
        """
        gateway = self._gateway
        if task_id not in gateway.registry.tasks:
            raise NotFoundError(f"no open task has the id `{task_id[:40]}`")
        epoch = gateway.fences.close((f"task:{task_id}",))
        gateway.registry.close_task(task_id)
        draught = gateway.evidence.draught()
        draught.changes += [
            Update("tasks", task_id, {}, {"closed": 1}),
            RaiseEpoch((f"task:{task_id}",), epoch),
        ]
        gateway.evidence.note(
            draught, "task.closed", {"task": task_id, "by": by}, index={"task": task_id}
        )
        await gateway.outside.store.append(draught.done())

    def _task(self, agent: str, opening: Opening) -> Task:
        gateway = self._gateway
        boundary = gateway.registry.boundary_of(opening.workflow)
        if boundary is None:
            raise BadInputError(
                f"workflow `{opening.workflow}` has no signed boundary",
                fix="sign one with `sallyport boundary sign`",
            )
        if opening.requester not in gateway.registry.people:
            raise BadInputError(
                "the requester is not known here", fix="add them with `sallyport admin people add`"
            )
        _fitting_inputs(boundary.workflow.task_inputs, opening.inputs)
        if not 0 < opening.lasts_s <= TASK_S_MAX:
            raise BadInputError("a task lasts between a second and 30 days", fix="give lasts_s")
        agent = agent or boundary.workflow.agent
        now_us = gateway.evidence.now_us()
        return Task(
            id=gateway.outside.ids.new("t"),
            workflow=opening.workflow,
            agent=agent,
            instance=opening.instance or agent,
            requester=opening.requester,
            boundary=boundary.digest,
            inputs=dict(opening.inputs),
            words=opening.words,
            opened_us=now_us,
            expires_us=now_us + opening.lasts_s * SECOND_US,
        )

    async def _standing(self, token: Token) -> Task:
        gateway = self._gateway
        task_id = _standing_id(token)
        task = gateway.registry.tasks.get(task_id)
        boundary = gateway.registry.boundary_of(token.workflow)
        if boundary is None:
            raise NotPermittedError(
                f"workflow `{token.workflow}` has no signed boundary",
                fix="sign one with `sallyport boundary sign`",
            )
        if task is not None:
            return task if task.boundary == boundary.digest else await self._renewed(task)
        now_us = gateway.evidence.now_us()
        task = Task(
            id=task_id,
            workflow=token.workflow,
            agent=token.agent,
            instance=token.agent,
            requester=token.person,
            boundary=boundary.digest,
            inputs={},
            opened_us=now_us,
            expires_us=now_us + STANDING_US,
            standing=True,
        )
        await self._record(task, None)
        return task

    async def _renewed(self, task: Task) -> Task:
        """A standing task has no beginning to be held to: it follows the active boundary."""
        gateway = self._gateway
        digest = gateway.registry.active[task.workflow]
        renewed = replace(task, boundary=digest)
        draught = gateway.evidence.draught()
        draught.changes.append(Update("tasks", task.id, {}, {"boundary": digest}))
        gateway.evidence.note(
            draught,
            "task.renewed",
            {"task": task.id, "boundary": digest},
            index={"task": task.id, "agent": task.agent, "workflow": task.workflow},
        )
        gateway.registry.tasks[task.id] = renewed
        await gateway.outside.store.append(draught.done())
        return renewed

    async def _record(self, task: Task, token: Token | None, *, purpose: str = "") -> None:
        gateway = self._gateway
        gateway.registry.tasks[task.id] = task
        draught = gateway.evidence.draught()
        draught.changes.append(Insert("tasks", rows.task_row(task, gateway.outside.vault)))
        if token is not None:
            draught.changes.append(Insert("tokens", token_row(token, draught.at_us)))
        gateway.evidence.note(
            draught,
            "task.opened",
            {
                "task": task.id,
                "workflow": task.workflow,
                "agent": task.agent,
                "instance": task.instance,
                "requester": task.requester,
                "boundary": task.boundary,
                "inputs": list[Json](sorted(task.inputs)),
                "standing": task.standing,
                "expires_us": task.expires_us,
            },
            index={
                "task": task.id,
                "agent": task.agent,
                "person": task.requester,
                "workflow": task.workflow,
            },
            secret={"inputs": dict(task.inputs), "words": task.words, "purpose": purpose},
        )
        try:
            kept = await gateway.outside.store.append(draught.done())
        except StoreError:
            del gateway.registry.tasks[task.id]
            raise
        if isinstance(kept, Blocked):
            del gateway.registry.tasks[task.id]
            raise NotAuthenticatedError("the task of this token is over", fix="make another token")
        if token is not None:
            gateway.registry.tokens[token.id] = token

    async def _keep(self, token: Token, by: str) -> None:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        draught.changes.append(Insert("tokens", token_row(token, draught.at_us)))
        gateway.evidence.note(
            draught,
            "token.made",
            {
                "token": token.id[:16],
                "kind": token.kind,
                "agent": token.agent,
                "workflow": token.workflow,
                "requester": token.person,
                "label": token.label,
                "by": by,
            },
            index={"agent": token.agent, "person": by, "workflow": token.workflow},
        )
        await gateway.outside.store.append(draught.done())
        gateway.registry.tokens[token.id] = token

    def _must_exist(self, agent: str, person: str) -> None:
        registry = self._gateway.registry
        if agent and agent not in registry.agents:
            raise NotFoundError(f"agent `{agent}` does not exist", fix=_add("agents", agent))
        if person and person not in registry.people:
            raise NotFoundError(f"person `{person}` does not exist", fix=_add("people", person))


def _standing_id(token: Token) -> str:
    return f"t_standing_{token.id[:24]}"


def _add(kind: str, name: str) -> str:
    return f"add it with `sallyport admin {kind} add {name}`"


def _fitting_inputs(wanted: Mapping[str, str], given: Mapping[str, Json]) -> None:
    problems = unfit(wanted, given)
    if problems:
        raise BadInputError(
            f"the task's inputs do not fit its boundary: {'; '.join(problems)}",
            fix=f"give exactly {', '.join(sorted(wanted)) or 'none'}",
        )
