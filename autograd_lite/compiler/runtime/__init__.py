"""Programs that stand for their functions: when they hold, and how they are called."""
