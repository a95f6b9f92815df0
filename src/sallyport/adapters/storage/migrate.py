"""Bringing an older database to the present schema. Imported only when there is one.

All steps run in one transaction: a database is of one version or of the next, whatever crashes.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import StaticPool

from sallyport.adapters.storage.failures import store_error

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(connection: sqlite3.Connection) -> None:
    """Run every step that this database has not seen.

    Raises:
        StoreError: The database cannot be changed; it is as it was.
    """
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    try:
        # Alembic commits whatever it does not find inside a transaction of SQLAlchemy, which in
        # turn leaves beginning to a driver that was told not to.
        with engine.connect() as shared, shared.begin():
            connection.execute("BEGIN EXCLUSIVE")
            config = Config(attributes={"connection": shared})
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, "head")
    except (CommandError, SQLAlchemyError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise store_error(reason if isinstance(reason, Exception) else error) from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
