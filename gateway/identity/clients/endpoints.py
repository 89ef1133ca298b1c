"""``/clients``: machines that may ask for tokens."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gateway.identity.clients import service
from gateway.identity.clients.schemas import ClientChange, ClientIn, ClientOut, ClientWithSecret
from gateway.identity.clients.tables import Client
from gateway.identity.credentials.generation import new_client_secret
from gateway.identity.issuer import issuer_of
from gateway.identity.permissions import PERMISSIONS
from gateway.identity.principals import FreshSecret, hashed_secret
from gateway.identity.route import ManagementRoute
from shared.kernel.database.repository import visible
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session
from shared.terms.actor import Actor

router = APIRouter(route_class=ManagementRoute, prefix="/clients", tags=["clients"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("clients.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("clients.write"))]


async def _fresh_secret(request: Request, _: Writer) -> FreshSecret:
    text = new_client_secret()
    return FreshSecret(text, await hashed_secret(request, text))


Fresh = Annotated[FreshSecret, Depends(_fresh_secret)]


@router.get("", summary="列出客户端 / List clients")
async def list_clients(session: Session, actor: Reader, page: Paging) -> Page[ClientOut]:
    return Page(**await fetch_page(session, visible(Client, actor), page, key=[Client.client_id], present=client_out))


@router.post("", status_code=201, summary="登记客户端，密钥仅显示一次 / Register a client; its secret is shown once")
async def create_client(
    body: ClientIn, actor: Writer, fresh: Fresh, session: Session, request: Request, response: Response
) -> ClientWithSecret:
    at = issuer_of(request).now()
    client = await service.create_client(session, actor, wanted=body, secret_hash=fresh.hash, at=at)
    response.headers["Location"] = f"{request.url.path}/{client.client_id}"
    return _with_secret(client, fresh)


@router.get("/{client_id}", summary="查询客户端 / Read a client")
async def read_client(client_id: str, session: Session, actor: Reader, response: Response) -> ClientOut:
    client = await service.client_named(session, actor, client_id)
    response.headers["ETag"] = etag(client.version)
    return client_out(client)


@router.put("/{client_id}", summary="修改客户端 / Change a client")
async def change_client(
    client_id: str, body: ClientChange, session: Session, actor: Writer, request: Request
) -> ClientOut:
    client = await service.client_named(session, actor, client_id, lock=True)
    require_match(request, client.version)
    await service.change_client(session, actor, client, wanted=body, at=issuer_of(request).now())
    return client_out(client)


@router.post("/{client_id}/secret", summary="更换密钥，仅显示一次 / Rotate the secret; it is shown once")
async def rotate_client_secret(
    client_id: str, actor: Writer, fresh: Fresh, session: Session, request: Request
) -> ClientWithSecret:
    client = await service.client_named(session, actor, client_id, lock=True)
    await service.rotate_client_secret(session, actor, client, secret_hash=fresh.hash, at=issuer_of(request).now())
    return _with_secret(client, fresh)


@router.post("/{client_id}/disable", summary="停用 / Disable")
async def disable_client(client_id: str, session: Session, actor: Writer, request: Request) -> ClientOut:
    client = await service.client_named(session, actor, client_id, lock=True)
    await service.set_client_disabled(session, actor, client, disabled=True, at=issuer_of(request).now())
    return client_out(client)


@router.post("/{client_id}/enable", summary="启用 / Enable")
async def enable_client(client_id: str, session: Session, actor: Writer, request: Request) -> ClientOut:
    client = await service.client_named(session, actor, client_id, lock=True)
    await service.set_client_disabled(session, actor, client, disabled=False, at=issuer_of(request).now())
    return client_out(client)


def client_out(client: Client) -> ClientOut:
    """A client as the API shows it."""
    return ClientOut(
        client_id=client.client_id,
        name=client.name,
        roles=client.roles,
        scopes=client.scopes,
        org_path=client.org_path,
        source_system=client.source_system,
        is_disabled=client.disabled_at is not None,
        secret_changed_at=client.secret_changed_at,
        created_at=client.created_at,
    )


def _with_secret(client: Client, fresh: FreshSecret) -> ClientWithSecret:
    return ClientWithSecret(**client_out(client).model_dump(), client_secret=fresh.text)
