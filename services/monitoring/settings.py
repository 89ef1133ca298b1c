"""Settings of the monitoring service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from shared.kernel.settings import ServiceSettings


class MonitoringSettings(ServiceSettings):
    """As every service's; it also calls the roster, through the gateway."""

    model_config = SettingsConfigDict(env_prefix="MONITORING_", frozen=True, extra="ignore")

    gateway_url: str
    client_id: str
    store_url: str
