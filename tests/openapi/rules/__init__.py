"""The house rules of the descriptions, as functions from a part of one to what is wrong with it."""

from __future__ import annotations

from .documents import DOCUMENT_RULES
from .operations import OPERATION_RULES, WEBHOOK_RULES
from .rule import Failure, Rule
from .schemas import SCHEMA_RULES
from .x_sdk import SDK_RULES

__all__ = ["DOCUMENT_RULES", "OPERATION_RULES", "SCHEMA_RULES", "SDK_RULES", "WEBHOOK_RULES", "Failure", "Rule"]
