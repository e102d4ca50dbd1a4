"""The types of the review and the pure rules they obey."""
