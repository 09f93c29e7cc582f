"""Outside judges, whose raw answers become evidence."""
