"""Greets people in their language."""

from __future__ import annotations

GREETINGS = {"en": "Hello", "hi": "Namaste", "ja": "Konnichiwa"}


def greet(name: str, language: str = "en", *, loud: bool = False) -> str:
    """The greeting for `name`. Raises KeyError for a language nobody taught us."""
    text = f"{GREETINGS[language]}, {name}!"
    return text.upper() if loud else text
