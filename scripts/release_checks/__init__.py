"""What has to be true before a version is released."""
