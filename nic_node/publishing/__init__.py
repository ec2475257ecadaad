"""What may leave this school: drafts, a second person's review, the outbox, and this school's pseudonyms."""
