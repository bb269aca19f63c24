"""Every value on the way to an answer, written as it happens."""
