"""The result in words: terminal, headline, translations."""
