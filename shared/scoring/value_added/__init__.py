"""Value added: judging the exit by the entrance (以进口看出口, SCORING §8)."""
