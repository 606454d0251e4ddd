"""Proves that nothing is sent twice, nothing is lost, and nothing is believed that is not so."""
