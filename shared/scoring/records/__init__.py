"""What people's records of work are worth: windows, highest levels, shares of co-authors, bounds, caps."""
