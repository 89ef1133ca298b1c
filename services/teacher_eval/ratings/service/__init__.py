"""Use cases of ratings, a file each."""
