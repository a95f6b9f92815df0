"""Calls in doubt: a person looks in the system itself, and says what became of one."""

from __future__ import annotations

from dataclasses import replace

from sallyport.errors import BadInputError, ConflictError
from sallyport.flow.inbox.waiting import Waiting
from sallyport.model import ActionState, Call, Ending
from sallyport.ports import Blocked, Row, Update


class Doubts(Waiting):
    """Settles calls in doubt."""

    async def settle(self, call_id: str, *, person: str, happened: bool, because: str) -> Call:
        """Record what a person found out about a call in doubt.

        An identical proposal still gets this call until it was told, so that nothing that did
        happen is done a second time.

        Raises:
            NotFoundError: No such call or person.
            ConflictError: The call is not in doubt.
            BadInputError: No reason was given.
        """
        self._person(person)
        if not because.strip():
            raise BadInputError("no reason was given", fix='add --because "…": how do you know?')
        call = await self.call(call_id)
        if call.action is not ActionState.IN_DOUBT:
            raise ConflictError(f"call `{call_id}` is not in doubt")
        action = ActionState.DONE if happened else ActionState.FAILED
        settled = replace(call, action=action, ending=Ending.DONE)
        draught = self._gateway.evidence.draught()
        columns: Row = {
            "action": action.value,
            "ending": Ending.DONE.value,
            "changed_us": draught.at_us,
        }
        draught.changes.append(
            Update("calls", call.id, {"action": ActionState.IN_DOUBT.value}, columns)
        )
        self._gateway.evidence.note(
            draught,
            "call.settled",
            {"call": call.id, "happened": happened, "because": because, "by": person},
            index={"call": call.id, "person": person},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"call `{call_id}` was settled meanwhile")
        return settled
