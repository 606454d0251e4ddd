"""Checks the arguments of a method and serializes them: path, query, headers and body of its request."""
