"""Every published figure comes from here, by one command each."""
