"""The only place where providers, vector stores and databases are touched."""
