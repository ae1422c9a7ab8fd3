"""Tests of what a satellite receiver wrote: its flags, its noise, and whether it is a simulator's."""
