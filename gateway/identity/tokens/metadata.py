"""``/.well-known``: the public keys, and what the issuer can do (RFC 8414)."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from gateway.identity.issuer import issuer_of
from shared.kernel.web.permissions import public

router = APIRouter(prefix="/.well-known", tags=["oauth"], dependencies=[Depends(public)])

#: Shorter than verifiers' own five minutes, so that a key is known everywhere before it signs.
_CACHED = "public, max-age=60"


@router.get("/jwks.json", summary="公钥 / Public keys")
async def jwks(request: Request, response: Response) -> dict[str, Any]:
    """Every key that may have signed a token still in use."""
    response.headers["Cache-Control"] = _CACHED
    return (await issuer_of(request).keyring.keys()).jwks()


@router.get("/oauth-authorization-server", summary="令牌服务元数据 / Authorization server metadata")
async def metadata(request: Request, response: Response) -> dict[str, Any]:
    """Addresses and abilities of the issuer."""
    response.headers["Cache-Control"] = _CACHED
    url = issuer_of(request).url
    methods = ["client_secret_basic", "client_secret_post"]
    return {
        "issuer": url,
        "token_endpoint": f"{url}/oauth/token",
        "revocation_endpoint": f"{url}/oauth/revoke",
        "jwks_uri": f"{url}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials", "password"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": [*methods, "none"],
        "revocation_endpoint_auth_methods_supported": [*methods, "none"],
        "service_documentation": f"{url}/api/docs",
    }
