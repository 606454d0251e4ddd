"""The tools around the client: the command line, and what stands on it. Each is an extra of its own."""
