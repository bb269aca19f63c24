"""The service that every door to vprog calls, and what doors over HTTP are built on."""
