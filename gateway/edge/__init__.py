"""The public edge: raw ASGI on the hot path, no framework."""
