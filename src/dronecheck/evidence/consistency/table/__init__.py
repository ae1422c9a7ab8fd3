"""Tests of logs that are tables of text: columns that are calculated from others, home, the form of lines, copies."""
