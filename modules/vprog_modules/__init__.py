"""The modules that vprog ships: one file, one class, one implementation of a task each.

They are found through the entry points `vprog.modules`; nothing is imported here. Code
that several of them share lies in `support/`.
"""
