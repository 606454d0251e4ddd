"""The pages of the running sandbox, rendered here; a browser's scripts add what moves.

Everything is below `/`, and of a tenant below its path. Nothing is loaded from elsewhere.
"""
