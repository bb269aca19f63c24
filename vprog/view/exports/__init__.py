"""A run as files that other programs read: one format a file, found by folder."""
