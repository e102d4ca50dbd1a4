"""Turns a candidate's files into text that still knows where each passage came from."""
