"""Tests of the report on changes of a description."""
