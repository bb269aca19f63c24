"""What several module files share, one subject a file. No module class lives here."""
