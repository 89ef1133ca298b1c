"""Asking people without knowing who they are: questions as data, answers that fit them, links kept as fingerprints."""
