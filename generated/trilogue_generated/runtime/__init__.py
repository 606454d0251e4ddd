# Copied by scripts/generate from generator-config/runtime; do not edit it here.
"""What generated code stands on: operations as data, the base of all models, the interfaces a client fulfils."""
