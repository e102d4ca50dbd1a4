"""Runs labelled sets of dossiers and says, in figures, how far the drafts agree with the labels."""
