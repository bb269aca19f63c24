"""The search of a run, shown: its tree, its tries, its votes."""
