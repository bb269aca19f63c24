"""Runs that were recorded, run again: as they were, changed, or on a perturbed video."""
