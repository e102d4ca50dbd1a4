"""Programs for the people who maintain the project; nothing here is installed."""
