"""The settings of who signs in, read as strictly as all others."""

from pathlib import Path

import pytest

from sallyport.doors.settings import FILE, Settings, load_settings
from sallyport.errors import SettingsError

OIDC = "oidc_issuer: https://login.example\noidc_client_id: sallyport\n"


def read(home: Path, text: str) -> Settings:
    """Return the settings of a file."""
    (home / FILE).write_text(text, encoding="utf-8")
    return load_settings(home)


def test_roles_are_read_by_group(tmp_path: Path) -> None:
    """In the order in which they stand, each with all of its roles."""
    text = f"{OIDC}oidc_roles:\n  leads: [support_lead, reviewer]\n  platform: [operator]\n"
    found = read(tmp_path, text)
    assert found.oidc_roles == (
        ("leads", ("support_lead", "reviewer")),
        ("platform", ("operator",)),
    )
    assert found.oidc_scopes == ("openid", "email")


@pytest.mark.parametrize(
    "text",
    [
        OIDC,
        "oidc_issuer: https://login.example\noidc_roles: {a: [b]}\n",
        f"{OIDC}oidc_roles: [a]\n",
        f"{OIDC}oidc_roles: {{a: b}}\n",
        f"{OIDC}oidc_roles: {{a: [1]}}\n",
        f"{OIDC}oidc_roles: {{a: [b]}}\noidc_recheck: never\n",
        f"{OIDC}oidc_roles: {{a: [b]}}\noidc_recheck: refresh\n",
        f"{OIDC}oidc_roles: {{a: [b]}}\noidc_role: {{a: [b]}}\n",
        "session_idle_min: 0\n",
        "session_idle_min: 1441\n",
        "session_hours: 0\n",
        "session_hours: 169\n",
        "session_hours: for ever\n",
    ],
)
def test_what_is_missing_or_out_of_range_is_one_clear_error(tmp_path: Path, text: str) -> None:
    """It names the file, and nobody is let in by half a setting."""
    with pytest.raises(SettingsError, match=FILE):
        read(tmp_path, text)
