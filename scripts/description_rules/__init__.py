"""The rules that every description keeps, as functions from a part of one to what is wrong with it.

The generator refuses a description that breaks one; tests/openapi shows that each rule can fail.
"""

from __future__ import annotations

from .check import RULES, failures
from .description import Description
from .rule import Failure, Rule

__all__ = ["RULES", "Description", "Failure", "Rule", "failures"]
