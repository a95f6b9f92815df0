"""The inbox: what waits, the soonest and oddest first; ordinary things take one line.

Only what stands on the page is opened: a list of thousands is chosen from what is not sealed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.doors.console import about
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.pages import glasses, undoing
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError
from sallyport.flow import rows
from sallyport.flow.inbox import Item
from sallyport.flow.listing import Waiting
from sallyport.flow.rounds import NOW, Rounds
from sallyport.model import Approval, ApprovalState, Json, JsonObject, Person
from sallyport.rules import cool_off
from sallyport.rules.routing import meant_for
from sallyport.rules.times import SECOND_US

SOON_US = 3600 * SECOND_US
"""What ends within the hour cannot wait, where there are no rounds."""
OVER_US = 600 * SECOND_US
"""How long an answer of somebody else stays in sight."""
OVER_MAX = 20
OVER_LOOKED_AT = 200
PAGE = 25
DIGITS_MAX = 6
_STATE = ("id", "state", "changed_us")


async def show(visit: Visit) -> Page:
    """Return the inbox of the person who looks, or with `?of=team` everybody's."""
    waits = [one for one in await visit.waiting() if one.kind != "draft"]
    lone = visit.house.people.lone()
    mine = waits if lone else [one for one in waits if concerns(one, visit.person)]
    team = visit.query.get("of") == "team"
    wanted = visit.query.get("q", "").strip()[:200]
    seen, words = (waits if team else mine), wanted.lower().split()
    found = [one for one in seen if _matches(one, words)] if words else seen
    first, now_us = _from(visit), visit.now_us
    round_us = visit.house.rounds.next_us()
    groups: dict[str, list[Waiting]] = {name: [] for name in _GROUPS}
    for one in found:
        groups[_group(one, visit.house.rounds, round_us, now_us)].append(one)
    ordered = [(name, one) for name, ones in groups.items() for one in ones]
    listed = [(name, await row(visit, one)) for name, one in ordered[first : first + PAGE]]
    more = await glasses.waiting(visit)
    view: JsonObject = {
        "title": title(len(found) + len(more)),
        "of": "team" if team else "mine",
        "q": wanted,
        "counts": {"mine": len(mine), "team": len(waits)},
        "soon": len(groups["soon"]),
        "round": {"at_us": round_us, "size": len(groups["rest"])} if round_us else None,
        "first": first,
        "page": PAGE,
        "all": len(found),
        "groups": _grouped(listed),
        "cooling": list[Json](await undoing.cooling(visit)) if not first else [],
        "glasses": list[Json](more) if not first else [],
        "over": await _over(visit, team=team),
        "attention": visit.house.team.declared(),
        "now_us": now_us,
    }
    return Page(template="inbox", title=say("nav.inbox"), at="inbox", view=view)


_GROUPS = ("soon", "rest", "flagged", "doubt")


def title(count: int) -> str:
    """Return the sentence that says how much waits."""
    if count == 0:
        return say("inbox.title.none")
    return say("inbox.title.one") if count == 1 else say("inbox.title", n=f"{count:,}")


def concerns(one: Waiting, person: Person) -> bool:
    """Return whether one who does not work alone may answer something."""
    if one.kind not in {"question", "flagged"}:
        return True
    roles, name = person.roles, person.name
    mine = bool(roles.intersection(one.who)) and name not in {one.requester, *one.not_for}
    return mine and meant_for(one.passed, name, roles)


async def row(visit: Visit, one: Waiting) -> JsonObject:
    """Return one line of the list."""
    inbox = visit.house.inbox
    asked = one.kind in {"question", "flagged"}
    approval = await inbox.approval(one.id) if asked else None
    flagged = one.kind == "flagged"
    item = Item(call=await inbox.call(one.call), approval=approval, flagged=flagged)
    where = f"/approvals/{one.id}" if approval else f"/calls/{one.call}"
    fits = approval is not None and not flagged and inbox.fits_list(approval, item.call)
    return {**await about.brief(visit, item), "href": where, "fits_list": fits}


def _matches(one: Waiting, words: Sequence[str]) -> bool:
    text = f"{one.agent} {one.workflow} {one.tool} {one.requester}".lower()
    return all(word in text for word in words)


def _from(visit: Visit) -> int:
    given = visit.query.get("from", "0")
    if not (given.isascii() and given.isdecimal() and len(given) <= DIGITS_MAX):
        raise BadInputError("`from` is no number", fix="use the page's own links")
    return int(given)


def _group(one: Waiting, rounds: Rounds, round_us: int, now_us: int) -> str:
    """Return where something stands: rounds say what can wait; without any, its end does."""
    if one.kind != "question":
        return "flagged" if one.kind == "flagged" else "doubt"
    if round_us:
        return "soon" if rounds.group_of(one, round_us) == NOW else "rest"
    return "soon" if one.expires_us - now_us <= SOON_US else "rest"


def _grouped(listed: Sequence[tuple[str, JsonObject]]) -> list[Json]:
    """Return the lines of a page in their groups, the odd ones first in each."""
    groups: dict[str, list[Json]] = {name: [] for name in _GROUPS}
    for name, one in sorted(listed, key=lambda line: not line[1]["odd"]):
        groups[name].append(one)
    return [{"name": name, "items": lines} for name, lines in groups.items() if lines]


async def _over(visit: Visit, *, team: bool) -> list[Json]:
    """Return what was settled in the last minutes by somebody else, newest first."""
    store, since_us = visit.house.gateway.outside.store, visit.now_us - OVER_US
    found: list[Json] = []
    looked = await store.rows("approvals", newest_first=True, limit=OVER_LOOKED_AT, only=_STATE)
    for kept in looked:
        changed_us = rows.number(kept, "changed_us")
        waits = rows.text(kept, "state") == ApprovalState.WAITING.value
        if waits or changed_us < since_us:
            continue
        approval = await visit.house.inbox.approval(rows.text(kept, "id"))
        answered = any(one.person == visit.person.name for one in approval.answers)
        if (answered and not team) or cool_off.runs(approval, visit.now_us):
            continue
        found.append(await _settled(visit, approval, changed_us))
        if len(found) == OVER_MAX:
            break
    return found


async def _settled(visit: Visit, approval: Approval, at_us: int) -> JsonObject:
    call = await visit.house.inbox.call(approval.call_id)
    last = approval.answers[-1] if approval.answers else None
    return {
        "id": approval.id,
        "href": f"/approvals/{approval.id}",
        "state": approval.state.value,
        "sentence": about.sentence_of(visit, call),
        "agent": call.agent,
        "workflow": call.workflow,
        "person": last.person if last else "",
        "because": last.because if last else "",
        "at_us": at_us,
    }
