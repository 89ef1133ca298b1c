"""Secrets: made, hashed, checked, remembered for a minute, and what a password must be."""
