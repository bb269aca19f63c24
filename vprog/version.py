"""The version of this package; nothing else, so that every floor may read it."""

__version__ = "0.1.0"
