"""Tokens: issued, published keys for, revoked."""
