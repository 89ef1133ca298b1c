"""Raters: how far they agree, and how severe each of them is."""
