"""'This should not have left': one act that takes it back at once, tells the coordinators and opens a record."""
