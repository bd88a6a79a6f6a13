"""Vigil: a rapid-response desk for human rights defenders at risk."""
