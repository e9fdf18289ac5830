"""A practical: its text is in `practical.md`, its checks, figures and labs in the modules here."""
