"""Settings of the student evaluation service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from shared.kernel.settings import ServiceSettings


class StudentEvalSettings(ServiceSettings):
    """As every service's; it also calls the roster and monitoring, through the gateway."""

    model_config = SettingsConfigDict(env_prefix="STUDENT_EVAL_", frozen=True, extra="ignore")

    gateway_url: str
    """Where the roster and monitoring are called: the gateway's address."""
    client_id: str
    """The OAuth client this service calls its siblings as."""
    store_url: str
    """Folder of the columnar store, file:///..."""
