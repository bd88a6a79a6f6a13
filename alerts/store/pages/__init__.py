"""Read-only joins for pages that need many: one file a room."""
