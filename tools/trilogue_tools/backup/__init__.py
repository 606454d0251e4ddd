"""Backups: what a workspace is made of, in a folder of files that change only where the workspace does."""
