"""The scoring core: pure functions from mark sheets to figures. The definitions are in ``docs/scoring.md``."""
