"""The attempts of a run that made several: read out of its trace, put into the model."""
