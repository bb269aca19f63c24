"""A run as HTML, filled from vprog.view.model and nothing else."""
