"""Alembic migrations of the event API's tables."""
