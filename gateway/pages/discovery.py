"""``GET /api``: everything a program needs to find its way, without a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.pages.about import About


def discovery_document(about: About, documents: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """The discovery document.

    Args:
        about: versions and addresses.
        documents: each service's OpenAPI document, ``None`` for one that cannot be reached now. Services state their
            methods' and data model's versions there, as ``info.x-method-versions`` and ``info.x-data-model-version``.
    """
    methods: dict[str, Any] = {}
    models: dict[str, str] = {}
    services = []
    for name, document in sorted(documents.items()):
        information = (document or {}).get("info", {})
        methods.update(information.get("x-method-versions") or {})
        models[name] = str(information.get("x-data-model-version") or information.get("version") or "unknown")
        services.append(
            {
                "name": name,
                "title": information.get("title", name),
                "version": information.get("version"),
                "base": about.address(f"/api/v1/{name.replace('_', '-')}"),
                "openapi": about.address(f"/api/openapi/{name}.json"),
                "documentation": about.address(f"/api/docs/{name}"),
                "is_reachable": document is not None,
            }
        )
    return {
        "build": about.build,
        "api_version": about.api_version,
        "data_model_versions": models,
        "method_versions": methods,
        "issuer": about.issuer,
        "token_endpoint": about.address(about.token_path),
        "jwks": about.address(about.jwks_path),
        "openapi": about.address("/api/openapi.json"),
        "documentation": about.address("/api/docs"),
        "problems": about.address("/problems"),
        "code_lists": about.address(about.code_lists_path),
        "services": services,
        "load_order": [
            {"step": number, "resource": step.resource, "title": step.chinese, "address": about.address(step.address)}
            for number, step in enumerate(about.load_order, start=1)
        ],
    }
