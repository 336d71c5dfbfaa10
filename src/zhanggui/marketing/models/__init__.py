"""What marketing speaks of: frozen values, no database, no model library."""
