"""Settings of the roster service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from shared.kernel.settings import ServiceSettings


class RosterSettings(ServiceSettings):
    """As every service's; nothing of its own yet."""

    model_config = SettingsConfigDict(env_prefix="ROSTER_", frozen=True, extra="ignore")
