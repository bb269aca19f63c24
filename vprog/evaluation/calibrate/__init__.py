"""What scores are worth, learned from questions with known answers."""
