"""The language of programs as a grammar: its parts, its rules, and the two notations."""
