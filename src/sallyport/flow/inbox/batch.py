"""A yes to a list: planned from what waits, signed once, and taken row by row.

The list itself is written down first, so that its signature is good for once. Then each row is an
answer like any other: admitted, recorded with its proof, and carried out; one that fails leaves
the others as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotPermittedError,
    SallyportError,
    SignatureError,
)
from sallyport.flow.inbox.answering import Answering, Taken
from sallyport.flow.signers import key_of
from sallyport.model import Approval, Call, Json, JsonObject, Listed, Person, ToolRule
from sallyport.ports import Blocked, Insert
from sallyport.rules import answering, batches, canonical, statements
from sallyport.rules import approval as approvals
from sallyport.rules.answering import Kind, Said
from sallyport.rules.batches import Plan, Row
from sallyport.rules.routine import CHECKED
from sallyport.rules.statements import Signed

ASKED_MAX = 200
"""How many questions are looked at for one list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of one row: how its question stands, or why it was not answered."""

    row: Row
    taken: Taken | None = None
    why: SallyportError | None = None


class Batches(Answering):
    """Takes one signature for many questions."""

    async def plan(self, ids: Sequence[str], person: str) -> Plan:
        """Return the list that a person may sign of these questions, and what is left out of it.

        Raises:
            NotFoundError: No such question or person.
            BadInputError: It names far too many.
        """
        if len(ids) > ASKED_MAX:
            raise BadInputError(f"that names more than {ASKED_MAX} questions", fix="name fewer")
        who = self._person(person)
        return batches.plan([await self._row(one, who) for one in dict.fromkeys(ids)])

    def fits_list(self, approval: Approval, call: Call) -> bool:
        """Return whether a question may stand in a list, whoever signs it."""
        return not batches.unfit(Row(approval=approval, call=call, rule=self._rule(call)))

    async def say_list(
        self, ids: Sequence[str], because: str, signed: Signed
    ) -> tuple[Answered, ...]:
        """Take a person's yes to a list, as they signed it, row by row.

        Args:
            ids: The questions, in any order.
            because: Why, in the person's words; it goes with every row.
            signed: Who signs, when, and the signature over the list (`batches.signable`).

        Returns:
            For each row, in the list's order, what became of it.

        Raises:
            NotFoundError: No such question or person.
            BadInputError: The list is too short or too long, or has a row twice.
            NotPermittedError: One of its rows does not belong into a list.
            SignatureError: It is not signed by this person over just this list, or not just now.
            ConflictError: It was signed and taken before.
        """
        who = self._person(signed.person)
        rows = batches.check([await self._row(one, who) for one in ids])
        said = Said(kind=Kind.APPROVE, because=because)
        places = batches.places([approvals.bound(row.approval) for row in rows])
        statements.fresh(signed, self._gateway.evidence.now_us())
        key = self._list_key(rows[0], places[0], said, signed, who)
        for row in rows:
            answering.admit_key(row.approval, who, key, row.call.level)
        await self._keep_list(rows, places[0], said, signed, key)
        return tuple(
            [
                await self._take_row(row, place, said, signed)
                for row, place in zip(rows, places, strict=True)
            ]
        )

    def _list_key(self, row: Row, place: Listed, said: Said, signed: Signed, who: Person) -> str:
        at_us = signed.at_us
        made = approvals.said_to_list(row.approval, place, said, person=who.name, at_us=at_us)
        key = key_of(self._gateway.outside.signatures, who, made, signed.signature)
        if not key:
            raise SignatureError(f"this list is not signed by `{who.name}`")
        return key

    async def _take_row(self, row: Row, place: Listed, said: Said, signed: Signed) -> Answered:
        """Take the answer to one row; that it fails is nothing to the others."""
        try:
            now = await self._row(row.approval.id, self._person(signed.person))
            why = batches.unfit(now)
            if why:
                raise ConflictError(f"`{row.approval.id}` was left out: {why}")
            return Answered(row=row, taken=await self.say(row.approval.id, said, signed, place))
        except SallyportError as error:
            return Answered(row=row, why=error)

    async def _row(self, approval_id: str, who: Person) -> Row:
        approval = await self.approval(approval_id)
        call = await self.call(approval.call_id)
        row = Row(approval=approval, call=call, rule=self._rule(call))
        if await self.exercises.find(approval_id) is not None:
            return replace(row, held=CHECKED)
        return replace(row, held=self._not_theirs(row, who))

    def _rule(self, call: Call) -> ToolRule | None:
        boundary = self._boundary(call)
        return boundary.workflow.tools.get(call.proposal.tool) if boundary else None

    def _not_theirs(self, row: Row, who: Person) -> str:
        """Return why somebody may not answer a question; nothing where they may."""
        counting = self._gateway.still_counting(row.approval)
        try:
            self.admit(counting, row.call, who)
        except (ConflictError, NotPermittedError) as error:
            return error.what
        return ""

    async def _keep_list(
        self, rows: Sequence[Row], place: Listed, said: Said, signed: Signed, key: str
    ) -> None:
        """Write down that a list was signed; the same signature is not taken again."""
        evidence = self._gateway.evidence
        about = batches.about(rows[0].approval.object, place.root, place.size)
        part = answering.signed_part(said, person=signed.person, at_us=signed.at_us)
        draught = evidence.draught()
        list_id = canonical.digest_bytes("list", batches.signable(about, part))
        draught.changes.append(
            Insert(
                "lists",
                {
                    "id": list_id,
                    "person": signed.person,
                    "root": place.root,
                    "signature": signed.signature,
                    "size": place.size,
                    "signed_us": draught.at_us,
                },
            )
        )
        body: JsonObject = {
            "list": list_id,
            "root": place.root,
            "size": place.size,
            "approvals": list[Json]([row.approval.id for row in rows]),
            "person": signed.person,
            "at_us": signed.at_us,
            "signature": signed.signature,
            "key": key,
        }
        evidence.note(draught, "list.signed", body, index={"person": signed.person})
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(
                "this list was signed and taken before", fix="look at what became of its rows"
            )
