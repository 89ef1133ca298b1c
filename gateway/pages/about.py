"""Facts of this installation that the pages tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoadStep:
    """One step of filling an empty platform; later steps refer to what earlier ones loaded."""

    resource: str
    chinese: str
    address: str


LOAD_ORDER = (
    LoadStep("regions", "行政区划", "/api/v1/roster/regions"),
    LoadStep("schools", "学校", "/api/v1/roster/schools"),
    LoadStep("classes", "班级", "/api/v1/roster/classes"),
    LoadStep("students", "学生", "/api/v1/roster/students"),
    LoadStep("staff", "教职工", "/api/v1/roster/staff"),
    LoadStep("enrollments", "学籍在读", "/api/v1/roster/enrollments"),
    LoadStep("exams", "监测考试", "/api/v1/monitoring/exams"),
    LoadStep("mark sheets", "成绩表", "/api/v1/monitoring/exams/{code}/mark-sheets"),
)


@dataclass(frozen=True, slots=True)
class About:
    """Versions and addresses.

    Args:
        build: what is running, e.g. a commit.
        api_version: version of the HTTP contract.
        public_base_url: address callers use, or ``None`` when addresses stay relative.
        issuer: ``iss`` of the tokens.
        token_path, jwks_path, code_lists_path: where those are.
    """

    build: str = "development"
    api_version: str = "1.0.0"
    public_base_url: str | None = None
    issuer: str | None = None
    token_path: str = "/oauth/token"  # noqa: S105 - an address, no secret
    jwks_path: str = "/.well-known/jwks.json"
    code_lists_path: str = "/api/v1/roster/code-lists"
    load_order: tuple[LoadStep, ...] = LOAD_ORDER

    def address(self, path: str) -> str:
        """A path as callers should use it."""
        return (self.public_base_url or "").rstrip("/") + path
