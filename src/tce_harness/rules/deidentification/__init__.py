"""Rules on de-identified output: UIDs, marking, rows of Table E.1-1, planted values, residues, validity."""
