"""Everything that marketing keeps. All its SQL."""
