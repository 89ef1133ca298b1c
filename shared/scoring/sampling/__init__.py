"""Sample monitoring: draw, weigh, estimate (SCORING §8b)."""
