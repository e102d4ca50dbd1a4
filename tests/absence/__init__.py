"""A section taken out of a good document is missed; put back anywhere, it is found."""
