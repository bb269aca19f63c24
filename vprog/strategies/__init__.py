"""Ways to answer a question with a language model that writes programs, one a file."""
