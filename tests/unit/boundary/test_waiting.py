"""How long a question waits where a file does not say, and what the settings may say of waiting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sallyport.doors.settings import FILE, load_settings
from sallyport.errors import SettingsError
from sallyport.model import Impact, Level
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.explain import explain
from sallyport.rules.proof.encode import usual_question
from sallyport.simulate import scenery


@pytest.mark.parametrize(
    "level, touches, seconds, words",
    [
        (Level.UPDATE, (), 4 * 3600, "4 hours"),
        (Level.EXTERNAL, (), 3600, "1 hour"),
        (Level.EXTERNAL, (Impact.MONEY,), 1800, "30 minutes"),
    ],
)
def test_what_a_file_leaves_out_is_compiled_in_and_said(
    level: Level, touches: tuple[Impact, ...], seconds: int, words: str
) -> None:
    """So the digest covers it, the proofs compare it, and the owner reads it before signing."""
    workflow = scenery.boundary("support", 0).workflow
    mail = workflow.tools["mail.send"]
    asks = tuple(replace(one, within_s=None) for one in mail.ask)
    rule = replace(mail, level=level, touches=frozenset(touches), ask=asks)
    made = compile_boundary(
        replace(workflow, tools={"mail.send": rule}), {}, (), code_version="1", roles=()
    )

    assert [one.within_s for one in made.workflow.tools["mail.send"].ask] == [seconds]
    assert usual_question(rule).within_s == seconds
    assert f"within {words}" in explain(made)


def test_what_a_file_says_stays_as_it_says() -> None:
    """The defaults stand in for silence alone."""
    workflow = scenery.boundary("support", 0).workflow
    made = compile_boundary(workflow, {}, (), code_version="1", roles=())

    assert made.workflow.tools["mail.send"].ask == workflow.tools["mail.send"].ask


@pytest.mark.parametrize("line", ["waiting_max: 0", "waiting_max: many", "rounds: [noon]"])
def test_a_setting_of_waiting_that_makes_no_sense_is_refused(tmp_path: Path, line: str) -> None:
    """In words, at the start, and nothing is taken instead."""
    (tmp_path / FILE).write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=line.partition(":")[0]):
        load_settings(tmp_path)


def test_the_settings_say_how_many_may_wait_and_when_rounds_are(tmp_path: Path) -> None:
    """Both have their defaults: forty, and no rounds."""
    assert (load_settings(tmp_path).waiting_max, load_settings(tmp_path).rounds) == (40, ())
    (tmp_path / FILE).write_text('waiting_max: 5\nrounds: ["09:30"]\n', encoding="utf-8")

    assert load_settings(tmp_path).waiting_max == 5
    assert load_settings(tmp_path).rounds == ("09:30",)
