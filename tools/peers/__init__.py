"""Other tools' own ways of judging a text by criteria, each run in an environment of its own."""
