"""One file a search method."""
