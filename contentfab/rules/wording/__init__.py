"""What copy may say and how: the copy contract, lexicons, languages, lengths, diversity."""
