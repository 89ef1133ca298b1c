"""A PostgreSQL of our own from a wheel: for a first run, for development and for tests, never for production."""

from shared.kernel.embedded_postgres.errors import EmbeddedPostgresError
from shared.kernel.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
