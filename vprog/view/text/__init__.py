"""A run on a terminal or in a pipe, printed from vprog.view.model and nothing else."""
