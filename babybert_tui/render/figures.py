"""How numbers are written for a person: fractions and times, short, rounded, and never pretending to be exact."""


def fraction(value: float, places: int = 2) -> str:
    """Writes `.36` for 0.364, `1.0` for what rounds to one, `-.3`, `12.`: below 100 in `places + 1` characters."""
    if value < 0:
        return "-" + fraction(-value, places - 1)
    text = f"{value:.{places}f}"
    if value >= 1 or text.startswith("1"):
        return text[: places + 1]
    return text.removeprefix("0")


def fraction_or_less(value: float, places: int = 3) -> str:
    """As `fraction`, but says `<.001` where rounding would give nothing of something."""
    smallest = 10.0**-places
    return f"<{fraction(smallest, places)}" if 0 < value < smallest / 2 else fraction(value, places)


def percent(value: float) -> str:
    """Writes 36 for 0.364, 100 for one."""
    return f"{value * 100:.0f}"


def clock(seconds: float) -> str:
    """Writes 0:07, 12:34, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
