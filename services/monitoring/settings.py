"""Settings of the monitoring service."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from shared.kernel.settings import ServiceSettings


class MonitoringSettings(ServiceSettings):
    """As every service's; it also calls the roster, through the gateway."""

    model_config = SettingsConfigDict(env_prefix="MONITORING_", frozen=True, extra="ignore")

    gateway_url: str
    """Where the roster is called: the gateway's address."""
    client_id: str
    """The OAuth client this service calls the roster as."""
    store_url: str
    """Folder of the columnar store, file:///..."""
