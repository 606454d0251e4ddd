"""Numbers side by side with peers; see README.md."""
