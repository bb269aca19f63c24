"""Language models: one protocol, one file per backend."""
