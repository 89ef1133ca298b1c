"""Pure decisions about classes."""

from __future__ import annotations

from shared.terms.organization import org_path


def class_path(school_path: str, class_code: str) -> str:
    """Path of a class; that of its school when the code cannot be a path segment (a Chinese name used as code)."""
    try:
        return school_path + org_path(class_code)
    except ValueError:
        return school_path
