"""The rewrites between what was checked and what runs. lower.py puts them together."""
