"""vprog inside other people's harnesses: one file each, imported by the harness alone.

They are found through entry points (`lmms_eval.models`, `inspect_ai`); docs/clients.md has one
command for each.
"""
