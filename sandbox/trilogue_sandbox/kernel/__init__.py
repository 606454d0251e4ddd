"""What every simulated platform is built on."""
