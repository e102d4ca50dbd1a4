"""One reader per file format, private to `ingest`; `ingest.registry` chooses among them."""
