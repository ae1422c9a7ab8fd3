"""Every byte in and out: files, XML, ZIP."""
