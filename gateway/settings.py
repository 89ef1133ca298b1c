"""The gateway's settings, prefix ``GATEWAY_``."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from gateway.edge.settings import EdgeSettings
from gateway.identity.settings import IdentitySettings
from gateway.pages.about import About
from shared.kernel.identity.jwks import KeySource, TokenVerifier
from shared.kernel.identity.signing_keys import key_source_of
from shared.kernel.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """What the gateway needs; the upstreams may be given at start instead, when they live in this process."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore", frozen=True)

    port: int = 8000
    """Port the public address listens at."""
    jwks: str = ""
    """Empty: tokens are verified with the public halves of our own signing keys."""
    upstreams: dict[str, str] = Field(default_factory=dict)
    """Services by name, JSON: {"roster": "http://127.0.0.1:8101"}."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Peers that may speak for others by X-Forwarded-*, JSON: ["10.0.0.0/8"]."""
    public_base_url: str | None = None
    """Address under which callers reach us, when it is not the issuer's."""
    build: str = "development"
    """Name of the build, shown in the discovery document."""
    edge: EdgeSettings = EdgeSettings()
    """Limits and deadlines, JSON; whatever is left out keeps its default."""
    identity: IdentitySettings = IdentitySettings()
    """Lifetimes, costs and attempt limits of the issuer, JSON; whatever is left out keeps its default."""

    @property
    def base_url(self) -> str:
        """Address callers use."""
        return self.public_base_url or self.issuer

    @property
    def signing_folder(self) -> Path:
        """Folder of the private signing keys."""
        return self.secrets_dir / "signing"

    def edge_settings(self) -> EdgeSettings:
        """The edge's table, with who is trusted and where we are reached."""
        return self.edge.model_copy(update={"trusted_proxies": self.trusted_proxies, "public_base_url": self.base_url})

    def verifier(self) -> TokenVerifier:
        """Checks access tokens with our own keys, or with those of ``jwks``."""
        source = KeySource.at(self.jwks) if self.jwks else key_source_of(self.signing_folder)
        return TokenVerifier(source, issuer=self.issuer, audience=self.audience)

    def about(self) -> About:
        """Facts for the discovery document and the documentation."""
        return About(build=self.build, public_base_url=self.base_url, issuer=self.issuer)
