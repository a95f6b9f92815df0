"""Bringing an older database to the present schema. Imported only when there is one.

All steps run in one transaction: a database is of one version or of the next, whatever crashes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: sqlite3.Connection) -> None:
    """Run every step that this database has not seen.

    Raises:
        sqlite3.Error: The database cannot be changed; it is as it was.
    """
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        with engine.connect() as shared:
            config = Config(attributes={"connection": shared})
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, "head")
            shared.commit()
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
