"""What a settings file may say of exercises, and how that reaches the house."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from sallyport.doors.app import opened
from sallyport.doors.settings import load_settings
from sallyport.errors import SettingsError
from sallyport.rules.attention.attention import OFF, Attention


def test_nothing_is_switched_on_by_itself(tmp_path: Path) -> None:
    """A home without a settings file has none of it."""
    assert load_settings(tmp_path).attention == "none"
    assert Attention() == OFF
    assert not Attention().on


def test_what_is_written_is_what_the_house_goes_by(tmp_path: Path) -> None:
    """How often, and how long a look is."""
    (tmp_path / "sallyport.yaml").write_text(
        "attention: exercises\ncanaries: 10\nsecond_looks: 30\nviewing_s: 8\nport: 0\n"
    )
    settings = load_settings(tmp_path)

    async def attention() -> Attention:
        async with opened(settings) as house:
            return house.inbox.exercises.attention

    found = anyio.run(attention)
    assert found == Attention(on=True, canaries=10, second_looks=30, viewing_s=8)


@pytest.mark.parametrize(
    "line", ["attention: sometimes", "canaries: 201", "second_looks: 501", "viewing_s: 61"]
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, line: str) -> None:
    """One clear sentence, with the way out."""
    (tmp_path / "sallyport.yaml").write_text(line)
    with pytest.raises(SettingsError, match=line.partition(":")[0]) as refused:
        load_settings(tmp_path)
    assert refused.value.fix.startswith("use ")
