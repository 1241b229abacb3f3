"""Hide the answers of a form from a reader who happens to look at the page's source.

Not from one who wants them: whoever can run the form can try all letters. For each known answer
there is a fingerprint of its spelling, and what is said to it, encrypted with a key that only the
spelling gives. Which of them is right is in the encrypted part. ``book/_static/exercises.js`` does
the same arithmetic, on 32 bits.
"""

MASK = 0xFFFFFFFF


def digest(text, seed):
    """Return a 32-bit fingerprint of a text (FNV-1a, then the finalizer of MurmurHash3).

    Examples
    --------
    >>> digest("a", 1) == digest("a", 1), digest("a", 1) == digest("b", 1)
    (True, False)
    """
    value = (0x811C9DC5 ^ seed) & MASK
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & MASK
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & MASK
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & MASK
    return value ^ (value >> 16)


def fingerprint(salt, spelling):
    """Return 16 hexadecimal digits for an answer to the exercise whose name is the salt."""
    return "".join(f"{digest(f'{salt}|{spelling}', seed):08x}" for seed in (1, 2))


def encrypt(text, salt, spelling):
    """Return a text in hexadecimal digits that only the answer's spelling opens."""
    content = text.encode()
    keys = (digest(f"{salt}|{spelling}|{n}", 3) for n in range(len(content)))
    return bytes(byte ^ (key & 255) for byte, key in zip(content, keys, strict=False)).hex()


def table(salt, spellings):
    """Return a dict of fingerprints to encrypted verdicts, in an order that says nothing.

    Parameters
    ----------
    salt : str
    spellings : iterable of (str, Verdict)
    """
    rows = {
        fingerprint(salt, spelling): encrypt(
            ("+" if verdict else "-") + verdict.message, salt, spelling
        )
        for spelling, verdict in spellings
    }
    return dict(sorted(rows.items()))
