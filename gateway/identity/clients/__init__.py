"""Machines that may ask for tokens."""
