"""What generated code stands on: operations as data, the base of all models, the interfaces a client fulfils."""
