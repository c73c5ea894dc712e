"""What a reader gets of a study: words, tables and pictures, the page, the files, the notebook."""
