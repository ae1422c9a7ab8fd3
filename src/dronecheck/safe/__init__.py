"""What touches the machine: files in and out, XML, ZIP, HTML, where data lies, which packages are installed."""
