"""Links to a page with one button: for a question that weighs little, asked of somebody elsewhere.

Rules:
  1. A link is sealed by this gateway and names one question as it was asked. It signs nobody in and
     answers nothing: whoever follows it signs in, and their passkey signs the answer.
  2. Whether the question weighs little is decided where the link is made, where its page is shown,
     and again before its answer is taken. Where it does not, there is only the whole question.
  3. It is good for one answer, and no longer than its question waits.
"""

from __future__ import annotations

from sallyport.errors import NotFoundError, SallyportError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.model import Approval, Call, JsonObject
from sallyport.rules import batches, canonical
from sallyport.rules.batches import Row
from sallyport.rules.devices import from_text, to_text
from sallyport.rules.strict_json import loads

LABEL = "quick"
WHERE = "/quick/"
TOKEN_BYTES_MAX = 4096


class QuickLinks:
    """Makes and reads such links."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def path(self, approval_id: str) -> str:
        """Return where a question is answered with one button; nothing where it weighs more."""
        found = await self._gateway.outside.store.rows("approvals", {"id": approval_id})
        if not found:
            return ""
        approval = rows.approval_of(found[0], self._gateway.outside.vault)
        called = await self._gateway.outside.store.rows("calls", {"id": approval.call_id})
        if not called or self.unfit(approval, rows.call_of(called[0], self._gateway.outside.vault)):
            return ""
        said: JsonObject = {"approval": approval.id, "about": approval.about}
        return WHERE + to_text(self._gateway.outside.vault.seal(LABEL, canonical.encode(said)))

    def unfit(self, approval: Approval, call: Call) -> str:
        """Return why a question is looked at as a whole; nothing where one button is enough."""
        boundary = self._gateway.registry.boundaries.get(call.boundary)
        rule = boundary.workflow.tools.get(call.proposal.tool) if boundary else None
        return batches.unfit(Row(approval=approval, call=call, rule=rule))

    def read(self, token: str) -> tuple[str, str]:
        """Return the question that a link names, and the digest of what it was about.

        Raises:
            NotFoundError: This gateway made no such link.
        """
        try:
            plain = self._gateway.outside.vault.open(LABEL, from_text(token))
            said = loads(plain, bytes_max=TOKEN_BYTES_MAX, depth_max=2)
        except SallyportError as error:
            raise NotFoundError("this link is none of ours", fix="open the inbox") from error
        found = said if isinstance(said, dict) else {}
        return str(found.get("approval")), str(found.get("about"))
