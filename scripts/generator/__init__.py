"""Make typed Python out of a bundled description, with the parser of openapi-python-client and our own templates."""
