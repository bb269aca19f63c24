"""Checks that any author can run on a module class: `check_module(MyModule)`.

`vprog modules check` runs the same. What is checked is listed in kit.py.
"""

from vprog.testing.kit import Finding, check_module

__all__ = ["Finding", "check_module"]
