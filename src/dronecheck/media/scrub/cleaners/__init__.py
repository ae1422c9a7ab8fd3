"""One module a kind of file: what of its bytes stays in a clean copy, by a whitelist."""
