"""Which workflow steps may answer, and who said so.

Rules:
  1. An administrator signs for each step. It answers nothing until a signed boundary names it.
  2. A step's key is nobody else's: neither a person's nor another step's.
  3. Removing one tightens, so it needs no signature. A step that was removed does not come back:
     another one is registered under another name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sallyport.errors import BadInputError, ConflictError, NotFoundError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.inbox import Inbox, Item
from sallyport.flow.people import People
from sallyport.model import JsonObject, WorkflowStep
from sallyport.ports import Change, Insert, Update
from sallyport.rules import workflow_steps
from sallyport.rules.statements import Signed

ADD = "add-step"
LIST = "list-step-questions"


class WorkflowSteps:
    """Registers steps, and shows each what it is asked."""

    def __init__(self, gateway: Gateway, people: People, inbox: Inbox) -> None:
        self._gateway = gateway
        self._people = people
        self._inbox = inbox

    async def add(
        self, name: str, *, workflow: str, public_key: str, because: str, by: Signed
    ) -> WorkflowStep:
        """Register a step of one workflow, on an administrator's signature.

        Args:
            name: What boundaries call it, `step.` first.
            workflow: The only workflow that it answers in.
            public_key: Its own hex Ed25519 key.
            because: Why it may answer in place of a person; kept.
            by: The administrator who signs.

        Raises:
            BadInputError: A name or key that cannot be used, or no reason.
            ConflictError: There is, or was, a step of this name, or the key is somebody's.
        """
        workflow_steps.check_name(name)
        if not because.strip():
            raise BadInputError("no reason was given", fix='add --because "…"; it is kept')
        if not self._gateway.outside.signatures.usable(public_key) or ":" in public_key:
            raise BadInputError(
                f"the key of `{name}` cannot be used", fix="give 64 hex digits of an Ed25519 key"
            )
        details: JsonObject = {
            "name": name,
            "workflow": workflow,
            "public_key": public_key,
            "because": because,
        }
        self._people.verify(ADD, details, by, roles=("administrator",))
        self._is_new(name, public_key)
        step = WorkflowStep(name=name, workflow=workflow, public_key=public_key, because=because)
        draught = self._gateway.evidence.draught()
        row = rows.workflow_step_row(step, draught.at_us)
        await self._keep(step, Insert("workflow_steps", row), by.person)
        return step

    async def remove(self, name: str, *, by: str) -> WorkflowStep:
        """Let nothing that a step signed, or signs, count any more.

        Raises:
            NotFoundError: No step has this name.
        """
        known = self._gateway.registry.steps.get(name)
        if known is None:
            raise NotFoundError(f"no workflow step is called `{name[:80]}`")
        step = replace(known, active=False)
        await self._keep(step, Update("workflow_steps", name, {}, {"active": 0}), by)
        return step

    def verify(self, signed: Signed) -> WorkflowStep:
        """Return the step that signed to see what it is asked.

        Raises:
            NotPermittedError: No step that is in force has this name.
            SignatureError: Not signed by it, not fresh, or used before.
        """
        step = self._gateway.registry.steps.get(signed.person)
        if step is None or not step.active:
            raise NotPermittedError(
                f"`{signed.person[:80]}` is not a workflow step in force",
                fix="register it with `sallyport admin steps add`",
            )
        self._people.check(workflow_steps.as_answerer(step), LIST, {}, signed)
        return step

    async def questions(self, step: WorkflowStep) -> Sequence[Item]:
        """Return the questions that a step may answer now, oldest first."""
        found: list[Item] = []
        for item in await self._inbox.items():
            if item.approval is None or step.name not in item.approval.question.who or item.not_for:
                continue
            try:
                self._inbox.admit(item.approval, item.call, workflow_steps.as_answerer(step))
            except (ConflictError, NotPermittedError):
                continue
            found.append(item)
        return found

    def _is_new(self, name: str, public_key: str) -> None:
        registry = self._gateway.registry
        if any(one.casefold() == name.casefold() for one in registry.steps):
            raise ConflictError(
                f"`{name}` is, or was, a workflow step already", fix="choose another name"
            )
        keys = {key for person in registry.people.values() for key in person.keys}
        keys |= {one.public_key for one in registry.steps.values()}
        if public_key in keys:
            raise ConflictError(
                f"the key of `{name}` is somebody else's already", fix="make a key for it alone"
            )

    async def _keep(self, step: WorkflowStep, change: Change, by: str) -> None:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        draught.changes.append(change)
        gateway.evidence.note(
            draught,
            "step.kept",
            {
                "step": step.name,
                "workflow": step.workflow,
                "public_key": step.public_key,
                "because": step.because,
                "active": step.active,
                "by": by,
            },
            index={"person": step.name, "workflow": step.workflow},
        )

        def counts() -> None:
            gateway.registry.steps[step.name] = step

        if not await gateway.commit(draught, (f"workflow:{step.workflow}",), counts):
            raise ConflictError(f"`{step.name}` was changed meanwhile")
