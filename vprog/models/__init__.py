"""Models in this process: where their weights lie, on which device, and what holds them."""
