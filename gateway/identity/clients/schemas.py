"""Clients as the API shows and takes them."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.identity.principals import OrgPath, Roles, ShownName
from shared.terms.actor import Role

# Shorter than a UUID, so that no client can have the subject of an account.
ClientId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{2,31}$")]
Scopes = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=50)]


class ClientChange(BaseModel):
    """What can be changed of a client."""

    model_config = ConfigDict(extra="forbid")

    name: ShownName
    roles: Roles
    scopes: Scopes
    org_path: OrgPath
    source_system: ShownName | None = None


class ClientIn(ClientChange):
    """A client to create."""

    client_id: ClientId


class ClientOut(BaseModel):
    """A client."""

    client_id: str
    name: str
    roles: list[Role]
    scopes: list[str]
    org_path: str
    source_system: str | None
    is_disabled: bool
    secret_changed_at: dt.datetime
    created_at: dt.datetime


class ClientWithSecret(ClientOut):
    """A client with its new secret, which is shown this once."""

    client_secret: str
