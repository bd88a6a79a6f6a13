"""How news comes in: one file a kind of source, pure where it decides."""
