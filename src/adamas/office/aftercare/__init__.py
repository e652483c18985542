"""What follows an issue: correction, replacement, technical certificates, void, forgery reports."""
