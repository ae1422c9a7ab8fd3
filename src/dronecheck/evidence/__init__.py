"""Evidence: whether a log is consistent with itself (`consistency`), and cases that anybody can verify."""
