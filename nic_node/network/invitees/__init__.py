"""A list of schools to invite: each gets a link of its own by e-mail, and reminders, until it applies or says no."""
