"""Use cases of verified links, a file each."""
