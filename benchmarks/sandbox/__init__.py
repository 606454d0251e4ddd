"""What the sandbox costs, beside Prism and a bare FastAPI application; see ../README.md."""
