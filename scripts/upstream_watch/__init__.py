"""What newer releases of the packages that this project follows would change here."""
