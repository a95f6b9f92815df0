"""The database: SQLite, with one connection that writes and a ledger that is chained."""

from sallyport.adapters.storage.store import OpenReport, SqliteStore, open_store

__all__ = ["OpenReport", "SqliteStore", "open_store"]
