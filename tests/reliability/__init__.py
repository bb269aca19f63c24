"""Attacks by the hundred: each field is a seeded generator and one way to try what it makes.

`python -m tests.reliability FIELD --count N --seed S` runs the long form and prints the row of the
README's reliability table; tests/reliability/test_<field>.py runs a few of each in CI.
"""
