"""Light, dark, for a projector; the terminal's own sixteen colours come with Textual."""

from textual.theme import Theme

DARK, LIGHT, PROJECTOR, ANSI = "bench-dark", "bench-light", "projector", "ansi-dark"

THEMES = (
    Theme(
        name=DARK,
        primary="#6cb6ff",
        secondary="#8f9bb3",
        accent="#ffb454",
        success="#7ee787",
        warning="#ffb454",
        error="#ff7b72",
        foreground="#e6e6ef",
        background="#101218",
        surface="#191c25",
        panel="#222633",
        dark=True,
        variables={"chart-ghost": "#5d6478", "chart-band": "#2c5078", "chart-rival": "#c49bff", "quiet": "#8f96a8"},
    ),
    Theme(
        name=LIGHT,
        primary="#0b5cad",
        secondary="#5c6470",
        accent="#a04a00",
        success="#1a7f37",
        warning="#9a5b00",
        error="#c01c28",
        foreground="#16181d",
        background="#fbfbfc",
        surface="#eef0f3",
        panel="#e2e5ea",
        dark=False,
        variables={"chart-ghost": "#a4a9b3", "chart-band": "#a9cdf2", "chart-rival": "#7a3fb5", "quiet": "#5c6470"},
    ),
    Theme(
        name=PROJECTOR,
        primary="#7fdbff",
        secondary="#ffffff",
        accent="#ffe600",
        success="#00ff66",
        warning="#ffe600",
        error="#ff5555",
        foreground="#ffffff",
        background="#000000",
        surface="#141414",
        panel="#2a2a2a",
        dark=True,
        text_alpha=1.0,
        variables={"chart-ghost": "#a0a0a0", "chart-band": "#2b6f8f", "chart-rival": "#ff9cff", "quiet": "#d0d0d0"},
    ),
)
OFFERED = {
    DARK: "for a dark terminal",
    LIGHT: "for a light one",
    PROJECTOR: "highest contrast, for a projector",
    ANSI: "the terminal's own colours, on its own background",
    "ansi-light": "the same for a light terminal",
}
EXTRA_VARIABLES = {
    "chart-ghost": "ansi_bright_black",
    "chart-band": "ansi_blue",
    "chart-rival": "ansi_magenta",
    "quiet": "ansi_bright_black",
}
