"""What users wrote: files as plain values that know their lines, checked against records."""
