"""The one serverless function and its helpers: parse, select from views, render."""
