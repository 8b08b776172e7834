"""What is masked, and what only looks like it.

Rules know shapes, not meanings: a name in a sentence stays. Every pattern costs linear time, also
for a megabyte without a blank.
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address

SECRET_NAME = (
    r"pass(?:word|wd|phrase)|pwd|secret|token|credentials?|cookie"
    r"|(?:api|access|private|secret|signing|encryption|account)[_-]?key"
)
_SECRET_HINTS = ("pass", "pwd", "secret", "token", "credential", "cookie", "key")
# Systemd's units look like addresses of mail: getty@tty1.service.
_UNITS = r"service|socket|slice|scope|target|mount|automount|timer|path|device|swap"
# A line of a key whose first line was another entry.
_KEY_LINE = re.compile(r"(?=\D*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/]{60,76}={0,2}\Z")
# Issuers' first digits and lengths: about one number in ten passes the check digit by chance.
_ISSUERS = re.compile(
    r"(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17})\Z"
)

_KEY_HINTS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "npm_", "pypi-", "xox"),
    *("k_live_", "k_test_", "whsec_", "aiza", "sk-", "vc", "dop_v1_", "shp"),
)

Replacement = str | Callable[[re.Match[str]], str]


def _card(found: re.Match[str]) -> str:
    digits = [int(letter) for letter in found[0] if letter.isdigit()]
    if not _ISSUERS.match("".join(map(str, digits))):
        return found[0]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return "[card]" if (sum(digits[::-2]) + sum(doubled)) % 10 == 0 else found[0]


def _address_4(found: re.Match[str]) -> str:
    """Keep what is none, for instance 1.2.3.400, and addresses that every machine has."""
    text = found[0]
    octets = [int(octet) for octet in text.split(".")]
    return text if max(octets) > 255 or octets[0] == 127 or not any(octets) else "[ip]"


def _address_6(found: re.Match[str]) -> str:
    """Keep what only looks like an address: a time, C++'s `a::b`, a MAC address; and loopback."""
    text = found[0]
    if not any(letter.isdigit() for letter in text):
        return text
    try:
        address = IPv6Address(text)
    except ValueError:
        return text
    return text if address.is_loopback or address.is_unspecified else "[ip]"


def _secret(found: re.Match[str]) -> str:
    """Mask the value behind a secret's name, unless it says that there is none."""
    name, quote, value = found.groups()
    is_sentence = ":" in name and not quote and not any(map(str.isdigit, value))
    if is_sentence or value.lower() in ("", "null", "none", "nil", "true", "false", "undefined"):
        return found[0]
    return found[0] if value.startswith(("[", "*")) else f"{name}{quote}[secret]"


# In this order: an address of mail inside credentials is theirs. A substring is looked for first,
# in lower case, since most lines hold nothing of the kind and that costs a tenth of a pattern.
# Where most lines do, the pattern begins with a character, its look-behind after it: twice as fast.
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], Replacement], ...] = (
    (
        ("private key-----",),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----"
            r"(?s:.*?)(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----|\Z)"
        ),
        "[private key]",
    ),
    (
        ("://",),
        re.compile(r"(?<=://)[^\s/:@\"'\[]{0,200}:[^\s/@\"']{1,200}(?=@)"),
        "[credentials]",
    ),
    (("eyj",), re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"), "[token]"),
    (
        ("authorization",),
        re.compile(
            r"(?i)((?<![a-z])authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:(?:basic|bearer|digest|token)\s+)?+)"
            r"(?!\[)[^\s\"',;]{4,}"
        ),
        r"\1[token]",
    ),
    (
        ("bearer ", "basic "),
        re.compile(r"(?i)\b(bearer|basic)\s+(?=[\w.~+/-]{0,200}[\d=])[\w.~+/-]{8,}=*"),
        r"\1 [token]",
    ),
    (("akia", "asia"), re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"), "[key]"),
    (
        _KEY_HINTS,
        re.compile(
            r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|npm_\w{30,}|pypi-[\w-]{40,}"
            r"|xox[abeoprs]-[\w-]{10,}|[sprw]k_(?:live|test)_\w{16,}|whsec_\w{16,}|AIza[\w-]{35}"
            r"|sk-(?=[\w-]{0,200}\d)[\w-]{20,}|vc[a-z]_\w{20,}|dop_v1_\w{40,}|shp[a-z]{2}_\w{20,})"
        ),
        "[key]",
    ),
    (
        _SECRET_HINTS,
        re.compile(
            rf"(?i)((?<![a-z0-9])[\w.-]{{0,40}}?(?:{SECRET_NAME})(?:[\"']?\s{{0,3}}[=:]\s{{0,3}}))"
            r"([\"']?)([^\s\"',;&)}\]]+)"
        ),
        _secret,
    ),
    (
        ("@",),
        re.compile(
            r"(?<![\w.%+-])(?=[\w.%+-]*[^\W\d_])[\w.%+-]{1,64}@(?:[\w-]{1,63}\.){1,8}"
            rf"(?!(?:{_UNITS})\b)[^\W\d_]{{2,24}}(?![\w-])"
        ),
        "[e-mail]",
    ),
    (
        ("",),
        re.compile(r"[2-6](?<![\w.+-][2-6])(?:[ -]?\d){12,18}(?![\w-]|\.\d)"),
        _card,
    ),
    (
        (".",),
        re.compile(r"\d(?<![\w.-]\d)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)", re.ASCII),
        _address_4,
    ),
    (
        (":",),
        re.compile(
            r"[0-9A-Fa-f:](?<![\w:.-][0-9A-Fa-f:])(?:[0-9A-Fa-f]{0,3}:){1,2}[0-9A-Fa-f:]{0,36}"
            r"(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])"
        ),
        _address_6,
    ),
)

# At least a digit and a letter: neither a ruler nor a long word.
_UNANNOUNCED = re.compile(
    r"(?<![\w-])(?=[A-Za-z_-]{0,200}\d)(?=[\d_-]{0,200}[A-Za-z])[A-Za-z0-9_-]{32,}(?![\w-])"
)


def masked(text: str, is_leaving: bool = False) -> str:
    """Return `text` with a marker for all that the rules know; twice is the same as once.

    What `is_leaving` the house has also those masked that may be keys and that nothing announces,
    as a database needs them: checksums, sessions, ids of 32 letters and digits or more.
    """
    if 60 <= len(text) <= 78 and _KEY_LINE.match(text):
        return "[private key]"
    lower = text.lower()
    for hints, pattern, instead in _RULES:
        for hint in hints:
            if hint in lower:
                text = pattern.sub(instead, text)
                break
    return _UNANNOUNCED.sub("[token]", text) if is_leaving else text
