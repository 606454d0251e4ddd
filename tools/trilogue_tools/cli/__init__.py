"""The command line `trilogue`."""
