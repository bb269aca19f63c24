"""`python -m vprog`: the same as the command `vprog`."""

from vprog.cli.main import main

if __name__ == "__main__":
    main()
