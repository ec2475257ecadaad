"""Asking and answering: from a form to a draft, which then goes the way of a practice."""
