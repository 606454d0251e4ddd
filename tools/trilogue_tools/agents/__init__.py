"""The server for agents, over the Model Context Protocol."""
