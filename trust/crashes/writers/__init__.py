"""Tables of writers, one file for each part of groundup that writes."""
