"""Summaries: gathered in one pass over a partition, added and subtracted without loss, finished once (SCORING §0)."""
