"""Anomalies of an exam: reasons to look, never findings of guilt (SCORING §7b)."""
