"""Numbers as a reader wants to see them: rounded, grouped, and with their unit."""

import math

THIN = "\u202f"  # narrow no-break space, between a number and its unit
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, in scientific notation where it is far from 1.

    >>> [number(x) for x in (0, 0.06339, 1234.5, 0.5, -2e-5, 10**9, float("nan"))]
    ['0', '0.0634', '1,234', '0.5', '−2×10⁻⁵', '10⁹', 'NaN']
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)
    if value == 0 or -4 <= power < 7:
        words = f"{abs(value):,.{max(0, digits - 1 - power)}f}" if value else "0"
        words = words.rstrip("0").rstrip(".") if "." in words else words
    else:
        mantissa = mantissa.rstrip("0").rstrip(".")
        words = ("" if mantissa == "1" else f"{mantissa}×") + power_of_ten(power)
    return "−" + words if value < 0 else words


def power_of_ten(exponent: int) -> str:
    """
    >>> power_of_ten(-5)
    '10⁻⁵'
    """
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def count(value: float) -> str:
    """A whole number with its thousands grouped.

    >>> count(50890)
    '50,890'
    """
    return f"{round(value):,}" if math.isfinite(value) else number(value)


def percent(share: float, of: int = 1000) -> str:
    """A share in percent, as exactly as `of` samples can tell; never "100 %" for less than all.

    >>> percent(352 / 360).replace(THIN, " "), percent(0.9999, of=10_000).replace(THIN, " ")
    ('97.8 %', '99.99 %')
    >>> percent(1.0).replace(THIN, " "), percent(0.99996).replace(THIN, " ")
    ('100 %', '99.9 %')
    """
    if not math.isfinite(share):
        return number(share)
    digits = 1 if of < 2000 else 2
    rounded = round(100 * share, digits)
    if share < 1 - 1e-12 and rounded >= 100:
        rounded = 100 - 10.0**-digits
    return f"{rounded:.0f}{THIN}%" if rounded in (0, 100) else f"{rounded:.{digits}f}{THIN}%"


def size(byte_count: float) -> str:
    """Bytes in binary units.

    >>> size(512).replace(THIN, " "), size(203_560).replace(THIN, " ")
    ('512 B', '199 KiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if byte_count < 1024:
            return f"{number(byte_count)}{THIN}{unit}"
        byte_count /= 1024
    return f"{number(byte_count)}{THIN}TiB"


def duration(seconds: float) -> str:
    """Seconds, or minutes and hours where there are many.

    >>> [duration(s).replace(THIN, " ") for s in (0.0421, 3.21, 252, 7500)]
    ['0.042 s', '3.2 s', '4 min 12 s', '2 h 5 min']
    """
    if not math.isfinite(seconds):
        return number(seconds)
    if seconds < 59.5:
        return f"{number(seconds, 2)}{THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{THIN}min {rest}{THIN}s"
    return f"{minutes // 60}{THIN}h {minutes % 60}{THIN}min"


def p_value(p: float) -> str:
    """
    >>> p_value(0.0432), p_value(1e-9), p_value(1.0)
    ('0.043', '< 0.001', '1')
    """
    return "< 0.001" if p < 0.001 else "1" if p == 1 else f"{p:.3f}"
