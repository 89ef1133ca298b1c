"""Parsers of the four formats. They run only inside the confined child process; see ``shared.kernel.tabular.sandbox``."""
