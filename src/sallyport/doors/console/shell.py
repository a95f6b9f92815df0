"""What stands around every page: where one is, what waits, and what is in force."""

from __future__ import annotations

from collections import Counter

from sallyport.doors.console import pages
from sallyport.doors.console.page import Visit
from sallyport.doors.console.pages import glasses
from sallyport.doors.console.words import KEYS, SCRIPT, WORDS, clock, hour, say
from sallyport.model import BreakGlass, Environment, Json, JsonObject
from sallyport.rules.roles import may

ENTRIES = (
    *("inbox", "drafts", "agents", "workflows", "ledger", "controls", "people"),
    *("team", "reports"),
)


async def around(visit: Visit, at: str) -> JsonObject:
    """Return what the frame of a page shows."""
    counts = Counter(_entry_of(one.kind) for one in await visit.waiting())
    counts["inbox"] += len(await glasses.waiting(visit))
    counts["workflows"] = len(await visit.house.authority.pending())
    entries: list[Json] = [
        {
            "name": entry,
            "word": say(f"nav.{entry}"),
            "count": counts[entry],
            "current": entry == at,
        }
        for entry in reachable(visit)
    ]
    return {
        "entries": entries,
        "place": place(visit),
        "person": visit.person.name,
        "banner": banner(visit),
        "heart": heart(visit),
        "theme": visit.theme,
        "keys": [{"keys": list[Json](keys), "word": say(f"key.{name}")} for name, keys in KEYS],
        "script": {name: WORDS[f"js.{name}"] for name in SCRIPT},
        "now_us": visit.house.gateway.evidence.now_us(),
    }


def _entry_of(kind: str) -> str:
    return "drafts" if kind == "draft" else "inbox"


def reachable(visit: Visit) -> tuple[str, ...]:
    """Return the entries of the sidebar that there are, and that this person may open."""
    rights = {line.path.strip("/"): line.right for line in pages.PAGES}
    return tuple(one for one in ENTRIES if one in rights and may(visit.person.roles, rights[one]))


def heart(visit: Visit) -> JsonObject:
    """Return when the ledger was last read in full, and what that showed."""
    last = visit.house.reading.last
    if last is None:
        said = say("heart.never")
        return {"good": True, "seen": False, "said": said, "tail": say("heart.tail")}
    word = "heart.good" if last.intact else "heart.bad"
    said = say(word, at=hour(last.at_us))
    return {"good": last.intact, "seen": True, "said": said, "tail": say("heart.tail")}


def place(visit: Visit) -> str:
    """Return the most serious environment that a workflow in force acts in."""
    registry = visit.house.gateway.registry
    found = {registry.boundaries[one].workflow.environment for one in registry.active.values()}
    for environment in (Environment.PRODUCTION, Environment.TEST, Environment.PERSONAL):
        if environment in found:
            return environment.value
    return Environment.PERSONAL.value


def _past_reviewers(glass: BreakGlass, more: int) -> JsonObject:
    """Say that two people broke the glass: of all that is in force it alone loosens something."""
    said = say(
        "banner.glass",
        scope=glass.scope,
        until=clock(glass.ends_us),
        first=glass.asked.person,
        second=glass.second.person if glass.second else "",
        because=glass.because,
    )
    return {"verdict": "ask", "said": said, "more": more}


def banner(visit: Visit) -> JsonObject | None:
    """Return the strictest thing that is in force beyond the boundaries; None when nothing is."""
    registry = visit.house.gateway.registry
    if registry.broken:
        said = say("banner.broken", why=registry.broken)
        return {"verdict": "refuse", "said": said, "more": 0}
    last = visit.house.reading.last
    if last is not None and not last.intact:
        said = say("banner.altered", at=clock(last.at_us))
        return {"verdict": "refuse", "said": said, "more": 0}
    switches = sorted(registry.switches.values(), key=lambda one: -one.verdict)
    broken, files = registry.broken_glasses(), visit.house.gateway.outside.stop_file.scopes()
    more = len(broken) + len(files) + len(switches) - 1
    if broken:
        return _past_reviewers(broken[0], more)
    if files:
        return {"verdict": "refuse", "said": say("banner.file", scope=files[0]), "more": more}
    if not switches:
        return None
    worst = switches[0]
    verdict = worst.verdict.name.lower()
    said = say(
        "banner.floor",
        scope=worst.scope,
        verdict=verdict,
        since=clock(worst.since_us),
        by=worst.by,
        because=worst.because,
    )
    return {"verdict": verdict, "said": said, "more": more}
