"""Access tokens and the keys behind them: the one place that knows the JOSE library."""
