"""What users read and write, in both languages: texts, moments, suggestions, reasons."""
