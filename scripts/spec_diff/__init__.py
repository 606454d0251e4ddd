"""What a change of a description means for those who call the API."""
