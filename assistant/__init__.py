"""Pre-reviews a candidate's files criterion by criterion; a person decides."""
