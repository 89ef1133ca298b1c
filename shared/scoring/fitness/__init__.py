"""Physical fitness by the national standard (SCORING: docs/scoring.md, Fitness)."""
