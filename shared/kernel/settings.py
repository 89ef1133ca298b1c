"""Settings of a service: read once from the environment, refused as a whole when half-configured."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

KEY_BYTES = 32


class ConfigurationError(Exception):
    """The environment does not describe a service that can run; the text names what is missing."""


class ServiceSettings(BaseSettings):
    """What every service needs; a service subclasses it with its own prefix.

    Secrets are files in ``secrets_dir``, never environment values: environments leak into logs and child processes.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    env: Literal["development", "test", "production"] = "development"
    """Set by ENV without a prefix, for all services at once."""
    database_url: SecretStr
    """postgresql+asyncpg address, as the service's application role."""
    migration_database_url: SecretStr | None = None
    """The same database as the schema's owner; only migrate, new-migration and check need it."""
    database_pool_size: int = 10
    """Connections kept; as many again may be opened under load."""
    store_url: str | None = None
    """Folder of the columnar store, file:///..."""
    blob_url: str | None = None
    """Folder of files people hand in, file:///...; beside the columnar store unless set."""
    virus_scanner: str | None = None
    """What looks at files people hand in: clamd:/socket, clamd://host:port or command:/path; none looks unless set."""
    calendar_file: Path | None = None
    """YAML with a bureau's own closed days and the next year's notice of holidays, over the calendar as shipped."""
    secrets_dir: Path
    """Folder of secret files: field_key, person_key, receipt_key (32 bytes, base64), client_secret."""
    jwks: str
    """Address or file of the issuer's public keys."""
    issuer: str
    """The only accepted issuer of access tokens."""
    audience: str = "education-quality-platform"
    """What tokens must be meant for."""
    gateway_url: str | None = None
    """Where siblings are called: the gateway's address."""
    client_id: str | None = None
    """The OAuth client this service calls its siblings as."""
    host: str = "127.0.0.1"
    """Address the API listens at."""
    port: int = 0
    """Port the API listens at; 0 takes any."""
    max_upload_bytes: int = 64 * 2**20
    """Largest uploaded file."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is logged."""

    @model_validator(mode="after")
    def _env_is_global(self) -> ServiceSettings:
        env = os.environ.get("ENV", self.env)
        if env not in ("development", "test", "production"):
            raise ValueError(f"ENV={env} is not development, test or production")
        object.__setattr__(self, "env", env)
        return self

    def key(self, name: str) -> bytes:
        """A 32-byte secret key from ``secrets_dir/<name>``; raises ConfigurationError when absent or malformed."""
        path = self.secrets_dir / name
        try:
            key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"the key file {path} cannot be read: {error}") from error
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"the key file {path} holds {len(key)} bytes, not {KEY_BYTES}")
        return key

    def secret(self, name: str) -> str:
        """A secret text from ``secrets_dir/<name>``; raises ConfigurationError when absent."""
        try:
            return (self.secrets_dir / name).read_text("utf-8").strip()
        except OSError as error:
            raise ConfigurationError(f"the secret file {self.secrets_dir / name} cannot be read") from error


S = TypeVar("S", bound=ServiceSettings)


def load_settings(cls: type[S]) -> S:
    """Reads a service's settings, or refuses with every fault in one sentence each.

    Raises:
        ConfigurationError: a required variable is missing, a value is wrong, or a variable with the service's prefix is
            not known (most often a misspelt name that would otherwise be ignored in silence).
    """
    prefix = cls.model_config.get("env_prefix", "")
    faults = [f"{name} is not a setting of this service" for name in _unknown_variables(cls, prefix)]
    settings: S | None = None
    try:
        settings = cls()
    except ValidationError as error:
        for fault in error.errors():
            name = f"{prefix}{'_'.join(str(part) for part in fault['loc'])}".upper()
            missing = fault["type"] == "missing"
            faults.append(f"{name} is not set" if missing else f"{name}: {fault['msg']}")
    if faults or settings is None:
        raise ConfigurationError(f"{cls.__name__} cannot start: " + "; ".join(faults))
    return settings


def _unknown_variables(cls: type[ServiceSettings], prefix: str) -> list[str]:
    known = {f"{prefix}{name}".upper() for name in cls.model_fields}
    return sorted(name for name in os.environ if prefix and name.startswith(prefix) and name not in known)
