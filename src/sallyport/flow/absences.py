"""Who is away, until when, and who is told in their place.

It is signed by the one who is away, or by an administrator for them, and it changes nobody's right
to answer: whoever stands in answers in their own right, or not at all.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from sallyport.errors import ConflictError, NotFoundError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People
from sallyport.model import Away, JsonObject, Person
from sallyport.ports import Blocked, Update
from sallyport.rules import waiting_rules
from sallyport.rules.statements import Signed

VERB = "away"


class Absences:
    """Writes down who is away."""

    def __init__(self, gateway: Gateway, people: People) -> None:
        self._gateway = gateway
        self._people = people

    async def leave(self, name: str, away: Away, *, by: Signed) -> Person:
        """Have somebody else told in the place of a person for a while.

        Args:
            name: Who is away.
            away: From when until when, and who stands in.
            by: The signature of that person, or of an administrator, over `details`.

        Raises:
            BadInputError: The time is over, or the stand-in could not answer in their own right.
            NotPermittedError: Somebody else signed.
            NotFoundError: Nobody has this name.
        """
        who = self._people.verify(VERB, details(name, away), by)
        person = self._known(name, who)
        people = self._gateway.registry.people
        waiting_rules.check_away(person, away, people, self._gateway.evidence.now_us())
        return await self._keep(replace(person, away=away), by)

    async def come_back(self, name: str, *, by: Signed) -> Person:
        """End an absence before its time.

        Raises:
            NotPermittedError: Somebody else signed.
            NotFoundError: Nobody has this name.
        """
        who = self._people.verify(VERB, details(name, None), by)
        return await self._keep(replace(self._known(name, who), away=None), by)

    def _known(self, name: str, who: Person) -> Person:
        known = self._gateway.registry.people.get(name)
        if known is None or not known.active:
            raise NotFoundError(f"person `{name[:80]}` is not active here")
        if who.name != name and "administrator" not in who.roles:
            raise NotPermittedError(
                f"`{who.name}` may not say that `{name}` is away",
                fix="have them sign it, or an administrator",
            )
        return known

    async def _keep(self, person: Person, by: Signed) -> Person:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        columns = {"away": rows.person_row(person, draught.at_us)["away"]}
        draught.changes.append(Update("people", person.name, {"active": 1}, columns))
        body: JsonObject = {
            **details(person.name, person.away),
            "by": by.person,
            "at_us": by.at_us,
            "signature": by.signature,
        }
        gateway.evidence.note(draught, "person.away", body, index={"person": person.name})
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"person `{person.name}` was changed meanwhile")
        # Whatever else of them changed while this was written stays as it is.
        people = gateway.registry.people
        people[person.name] = replace(people[person.name], away=person.away)
        return people[person.name]


def details(name: str, away: Away | None) -> JsonObject:
    """Return what is signed: who, and from when until when with whom in their place, or back."""
    window: JsonObject = {"from_us": 0, "until_us": 0, "to": ""}
    return {"name": name, **(asdict(away) if away is not None else window)}
