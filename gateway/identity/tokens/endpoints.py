"""``/oauth/token`` (RFC 6749) and ``/oauth/revoke`` (RFC 7009)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from gateway.identity.accounts.tables import Account
from gateway.identity.authentication import (
    Attempt,
    Kind,
    NotAuthenticatedError,
    SlowDownError,
    authenticate,
)
from gateway.identity.clients.tables import Client
from gateway.identity.issuer import issuer_of
from gateway.identity.principals import refresh_revocations
from gateway.identity.tokens.errors import NO_STORE, REFUSALS, OAuthError, OAuthRoute
from gateway.identity.tokens.form import MEDIA_TYPE, client_credentials, read_form, required
from gateway.identity.tokens.service import CONSOLE, issue_token, revoke_token
from shared.kernel.context import kernel_of
from shared.kernel.identity.tokens import AccessToken
from shared.kernel.web.permissions import public
from shared.terms.errors import DomainError


class TokenOut(BaseModel):
    """A token response; ``must_change_password`` is there for people only."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    must_change_password: bool | None = None


def _form_of(*needed: str, **described: str) -> dict[str, Any]:
    properties = {name: {"type": "string", "description": text} for name, text in described.items()}
    schema = {"type": "object", "required": list(needed), "properties": properties}
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": schema}}}}


router = APIRouter(route_class=OAuthRoute, prefix="/oauth", tags=["oauth"], dependencies=[Depends(public)])


@router.post(
    "/token",
    response_model=TokenOut,
    response_model_exclude_none=True,
    responses=REFUSALS,
    summary="取得访问令牌 / Get an access token",
    description="机器用 client_credentials（HTTP Basic 或表单），人员用 password。错误按 RFC 6749 返回。"
    " Machines use client_credentials (HTTP Basic or form), people use password. Errors follow RFC 6749.",
    openapi_extra=_form_of(
        "grant_type",
        grant_type="client_credentials | password",
        client_id="客户端标识 / client id",
        client_secret="客户端密钥 / client secret",  # noqa: S106 - a description
        username="用户名 / username",
        password="密码 / password",  # noqa: S106 - a description
        scope="空格分隔，只能缩小 / space-separated, can only narrow",
    ),
)
async def token(request: Request, response: Response) -> TokenOut:
    """Issues an access token."""
    form = await read_form(request)
    attempt = _attempt(request, form)
    principal = await _authenticated(request, attempt)
    async with kernel_of(request).database.transaction("") as session:
        issued = await issue_token(
            session, issuer_of(request), principal, asked=form.get("scope"), address=attempt.address
        )
    response.headers.update(NO_STORE)
    return TokenOut(
        access_token=issued.text,
        token_type="Bearer",  # noqa: S106 - a type
        expires_in=issued.seconds,
        scope=" ".join(sorted(issued.scopes)),
        must_change_password=principal.must_change_password if isinstance(principal, Account) else None,
    )


@router.post(
    "/revoke",
    responses=REFUSALS,
    summary="撤销访问令牌 / Revoke an access token",
    description="RFC 7009；已失效的令牌同样返回 200。 RFC 7009; a token that is no longer good answers 200 as well.",
    openapi_extra=_form_of(
        "token",
        token="访问令牌 / access token",  # noqa: S106 - a description
        client_id="客户端标识 / client id",
        client_secret="客户端密钥 / client secret",  # noqa: S106 - a description
    ),
)
async def revoke(request: Request) -> Response:
    """Revokes a token at the request of whom it was issued to."""
    form = await read_form(request)
    text = required(form, "token")
    credentials = client_credentials(request, form)
    client = None
    if credentials is not None:
        client = await _authenticated(request, Attempt(Kind.CLIENT, *credentials, _address(request)))
    kernel, issuer = kernel_of(request), issuer_of(request)
    try:
        found = await kernel.tokens.verify(text, now=issuer.now())
    except DomainError as error:
        if error.code != "auth.token_invalid":
            raise
        return Response(headers=NO_STORE)
    _check_owner(found, client)
    async with kernel.database.transaction("") as session:
        await revoke_token(session, found)
    await refresh_revocations(request)
    return Response(headers=NO_STORE)


def _attempt(request: Request, form: Mapping[str, str]) -> Attempt:
    """Who the request says it is from.

    Raises:
        OAuthError: a parameter is missing, or the grant is not one of ours.
    """
    grant, credentials = required(form, "grant_type"), client_credentials(request, form)
    if grant == "client_credentials":
        if credentials is None:
            raise OAuthError("invalid_client")
        return Attempt(Kind.CLIENT, *credentials, _address(request))
    if grant != "password":
        raise OAuthError("unsupported_grant_type")
    if credentials is not None or form.get("client_id", CONSOLE) != CONSOLE:
        # A vendor's machine has no business with people's passwords.
        raise OAuthError("unauthorized_client")
    name, secret = required(form, "username").strip().lower(), required(form, "password")
    return Attempt(Kind.ACCOUNT, name, secret, _address(request))


async def _authenticated(request: Request, attempt: Attempt) -> Client | Account:
    try:
        return await authenticate(issuer_of(request), kernel_of(request).database, attempt)
    except NotAuthenticatedError:
        raise OAuthError("invalid_client" if attempt.kind is Kind.CLIENT else "invalid_grant") from None
    except SlowDownError as error:
        raise OAuthError("slow_down", retry_after=error.seconds, seconds=error.seconds) from None


def _check_owner(found: AccessToken, client: Client | Account | None) -> None:
    """A machine revokes its own tokens; a person's token is revoked by whoever holds it."""
    owner = client.subject if client is not None else CONSOLE
    if found.actor.client != owner:
        raise OAuthError("invalid_client" if client is None else "unauthorized_client")


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
