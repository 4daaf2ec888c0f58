"""What may not be served, or not before a person saw it: regulated topics, unsafe words, people."""
