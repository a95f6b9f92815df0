"""Figures over a stretch of time from the ledger: what came to nothing, what was corrected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.reading import Reading
from sallyport.model import Json, JsonObject, Verdict
from sallyport.ports import LedgerQuery, Row
from sallyport.rules import failures, labels
from sallyport.rules.failures import DAYS, Failed
from sallyport.rules.labels import Counted, Override
from sallyport.rules.times import DAY_US
from sallyport.rules.trace import Heard

ENTRIES_MAX = 100_000
_CALL = ("id", "workflow", "tool", "agent", "origin", "level")


class Reports:
    """Counts, and changes nothing."""

    def __init__(self, gateway: Gateway, reading: Reading) -> None:
        self._gateway, self._reading = gateway, reading

    async def failures(self, days: int = DAYS, workflow: str = "") -> JsonObject:
        """Return what came to nothing in the last days, by class, reason and tool.

        Args:
            days: How far back.
            workflow: Only of this one; empty for all.
        """
        since_us = self._since(days)
        told = [
            *await self._told("call.decided", since_us, verdict="refuse"),
            *await self._told("call.concluded", since_us),
            *await self._told("approval.answered", since_us),
        ]
        calls = await self._calls(told)
        found = [
            one
            for entry in told
            for one in _failed(entry, calls.get(_call(entry)))
            if workflow in {"", one.workflow}
        ]
        return {"days": days, "since_us": since_us, "workflow": workflow, **failures.report(found)}

    async def labels(self, days: int = DAYS) -> JsonObject:
        """Return, of tools that classify, how often people were asked and gave another label."""
        since_us = self._since(days)
        decided = [
            one
            for one in await self._told("call.decided", since_us)
            if one.body.get("level") == labels.LEVEL.name.lower()
            and one.body.get("origin") == "agent"
        ]
        found = await self._told(labels.OVERRIDDEN, since_us, unseal=True)
        overrides = [one for entry in found for one in _overrides(entry)]
        report = labels.report(_counted(decided), overrides)
        return {"days": days, "since_us": since_us, **report}

    def _since(self, days: int) -> int:
        return max(0, self._gateway.evidence.now_us() - days * DAY_US)

    async def _told(
        self, kind: str, since_us: int, *, verdict: str = "", unseal: bool = False
    ) -> Sequence[Heard]:
        query = LedgerQuery(
            kind=kind, verdict=verdict, since_us=since_us, newest_first=True, limit=ENTRIES_MAX
        )
        return await self._reading.search(query, unseal=unseal)

    async def _calls(self, told: Sequence[Heard]) -> Mapping[str, Row]:
        named = list(dict.fromkeys(_call(entry) for entry in told))
        found = await self._gateway.outside.store.pick("calls", named, only=_CALL)
        return {rows.text(row, "id"): row for row in found}


def _call(entry: Heard) -> str:
    return str(entry.body.get("call") or "")


def _failed(entry: Heard, call: Row | None) -> Iterator[Failed]:
    """Yield the failure that an entry tells of, if it does, once for each call."""
    if call is None or call["origin"] == "gateway":
        return
    by, code = _why(entry)
    if by:
        yield Failed(
            by=by,
            code=code,
            workflow=rows.text(call, "workflow"),
            tool=rows.text(call, "tool"),
            agent=rows.text(call, "agent"),
        )


def _why(entry: Heard) -> tuple[str, str]:
    """Return who let a call come to nothing and why; nothing where it did not, or others tell."""
    body = entry.body
    if entry.kind == "approval.answered":
        rejected = not body.get("yes") and not body.get("kind")
        return ("people", str(body.get("code") or "other")) if rejected else ("", "")
    if entry.kind == "call.decided":
        return "gateway", _strictest(body.get("floors"))
    if body.get("ending") == "refused":
        code = _strictest(body.get("why"))
        by_people = code in {"approval.rejected", "approval.edited", "approval.words"}
        return ("", "") if by_people else ("gateway", code)
    return ("system", "answered.error") if body.get("action") == "failed" else ("", "")


def _strictest(floors: Json) -> str:
    """Return the code of the first reason to refuse among `refuse CODE` texts."""
    refuse = f"{Verdict.REFUSE.name.lower()} "
    listed = [str(one) for one in floors] if isinstance(floors, list) else []
    return next((one.removeprefix(refuse) for one in listed if one.startswith(refuse)), "")


def _overrides(entry: Heard) -> Iterator[Override]:
    changed = (entry.secret or {}).get("changed")
    for argument, pair in (changed if isinstance(changed, dict) else {}).items():
        if isinstance(pair, dict):
            yield Override(
                workflow=str(entry.body.get("workflow")),
                tool=str(entry.body.get("tool")),
                argument=argument,
                was=pair.get("was"),
                now=pair.get("now"),
            )


def _counted(decided: Sequence[Heard]) -> list[Counted]:
    named = [(str(one.body.get("workflow")), str(one.body.get("tool"))) for one in decided]
    made, asked = Counter(named), Counter[tuple[str, str]]()
    for name, one in zip(named, decided, strict=True):
        asked[name] += one.body.get("verdict") == "ask"
    return [
        Counted(
            workflow=workflow, tool=tool, made=made[workflow, tool], asked=asked[workflow, tool]
        )
        for workflow, tool in sorted(made)
    ]
