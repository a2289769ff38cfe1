"""Signing in: who is at the door, for how long, and how sure we are of it."""
