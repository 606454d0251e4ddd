"""Records what a sandbox responds to, and replays it against another state of the code."""
