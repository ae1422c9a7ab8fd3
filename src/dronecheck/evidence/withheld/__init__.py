"""A case that tells no place: what was found, and a root over rows that can be disclosed later one by one."""
