"""Code lists as readers get them."""

from pydantic import BaseModel


class CodeOut(BaseModel):
    """One code."""

    code: str
    zh: str
    en: str


class CodeListSummary(BaseModel):
    """A code list without its codes."""

    name: str
    title: dict[str, str]
    source: str
    verified: bool
    complete: bool
    note: str | None
    count: int


class CodeListOut(CodeListSummary):
    """A code list."""

    items: list[CodeOut]
