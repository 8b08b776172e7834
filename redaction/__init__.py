"""Secrets and persons masked: one set of rules, for logs on their way in and for what alerts quote.

Three modes: `off`; `full`, which replaces what the rules know by a marker such as `[e-mail]`; and
`template`, which keeps of a text only its words: whatever has a digit, a slash or an `@` in it, is
quoted, or follows `=`, becomes `[value]`.
"""
