"""What to run next: prompts, replies and rules become programs; nothing runs here."""
