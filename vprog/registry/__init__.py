"""One signature feeds the prompt, the stubs, the checks and the help."""
