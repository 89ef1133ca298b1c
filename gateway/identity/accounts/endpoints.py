"""``/accounts``: people who may log in."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from gateway.identity.accounts import service
from gateway.identity.accounts.schemas import AccountChange, AccountIn, AccountOut, AccountWithPassword
from gateway.identity.accounts.tables import Account
from gateway.identity.attempts.repository import forget_name
from gateway.identity.authentication import Kind
from gateway.identity.credentials.generation import new_initial_password
from gateway.identity.issuer import issuer_of
from gateway.identity.permissions import PERMISSIONS
from gateway.identity.principals import FreshSecret, hashed_secret
from gateway.identity.route import ManagementRoute
from shared.kernel.audit.log import note
from shared.kernel.database.repository import visible
from shared.kernel.web.etag import etag, require_match
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session
from shared.terms.actor import Actor

router = APIRouter(route_class=ManagementRoute, prefix="/accounts", tags=["accounts"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("accounts.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("accounts.write"))]


async def _fresh_password(request: Request, _: Writer) -> FreshSecret:
    text = new_initial_password()
    return FreshSecret(text, await hashed_secret(request, text))


Fresh = Annotated[FreshSecret, Depends(_fresh_password)]


@router.get("", summary="列出账号 / List accounts")
async def list_accounts(session: Session, actor: Reader, page: Paging) -> Page[AccountOut]:
    found = await fetch_page(session, visible(Account, actor), page, key=[Account.username], present=account_out)
    note(session, actor, "accounts.listed", actor.org, {"count": len(found["items"])})
    return Page(**found)


@router.post(
    "", status_code=201, summary="新建账号，初始密码仅显示一次 / Create an account; its password is shown once"
)
async def create_account(
    body: AccountIn, actor: Writer, fresh: Fresh, session: Session, request: Request, response: Response
) -> AccountWithPassword:
    at = issuer_of(request).now()
    account = await service.create_account(session, actor, wanted=body, secret_hash=fresh.hash, at=at)
    response.headers["Location"] = f"{request.url.path}/{account.username}"
    return _with_password(account, fresh)


@router.get("/{username}", summary="查询账号 / Read an account")
async def read_account(username: str, session: Session, actor: Reader, response: Response) -> AccountOut:
    account = await service.account_named(session, actor, username)
    response.headers["ETag"] = etag(account.version)
    note(session, actor, "account.read", account.subject)
    return account_out(account)


@router.put("/{username}", summary="修改账号 / Change an account")
async def change_account(
    username: str, body: AccountChange, session: Session, actor: Writer, request: Request
) -> AccountOut:
    account = await service.account_named(session, actor, username, lock=True)
    require_match(request, account.version)
    await service.change_account(session, actor, account, wanted=body, at=issuer_of(request).now())
    return account_out(account)


@router.post(
    "/{username}/password", summary="重置密码并解锁，仅显示一次 / Reset the password and unlock; it is shown once"
)
async def reset_password(
    username: str, actor: Writer, fresh: Fresh, session: Session, request: Request
) -> AccountWithPassword:
    account = await service.account_named(session, actor, username, lock=True)
    issuer = issuer_of(request)
    await service.reset_password(session, actor, account, secret_hash=fresh.hash, at=issuer.now())
    await forget_name(session, issuer.attempt_keys(Kind.ACCOUNT, username, ""))
    return _with_password(account, fresh)


@router.post("/{username}/disable", summary="停用 / Disable")
async def disable_account(username: str, session: Session, actor: Writer, request: Request) -> AccountOut:
    account = await service.account_named(session, actor, username, lock=True)
    await service.set_account_disabled(session, actor, account, disabled=True, at=issuer_of(request).now())
    return account_out(account)


@router.post("/{username}/enable", summary="启用 / Enable")
async def enable_account(username: str, session: Session, actor: Writer, request: Request) -> AccountOut:
    account = await service.account_named(session, actor, username, lock=True)
    await service.set_account_disabled(session, actor, account, disabled=False, at=issuer_of(request).now())
    return account_out(account)


def account_out(account: Account) -> AccountOut:
    """An account as the API shows it."""
    return AccountOut(
        username=account.username,
        display_name=account.display_name,
        roles=account.roles,
        org_path=account.org_path,
        person_key=account.person_key,
        is_disabled=account.disabled_at is not None,
        must_change_password=account.must_change_password,
        password_changed_at=account.secret_changed_at,
        created_at=account.created_at,
    )


def _with_password(account: Account, fresh: FreshSecret) -> AccountWithPassword:
    return AccountWithPassword(**account_out(account).model_dump(), initial_password=fresh.text)
