"""Benchmarks: every promise of speed and memory, measured beside its rivals in one run. Run by ``make bench``."""
