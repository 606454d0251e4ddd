"""Sentences that the platform writes itself, in the contact's language where it knows that."""

from __future__ import annotations

from collections.abc import Mapping

_LOGIN: Mapping[str, str] = {
    "en": "Tap to log in to {app}.",
    "de": "Tippe, um dich bei {app} anzumelden.",
    "es": "Toca para iniciar sesión en {app}.",
    "fr": "Appuie pour te connecter à {app}.",
    "pt": "Toque para entrar em {app}.",
}
_CODE: Mapping[str, str] = {
    "en": "{code} is your code for {app}.",
    "de": "{code} ist dein Code für {app}.",
    "es": "{code} es tu código para {app}.",
    "fr": "{code} est ton code pour {app}.",
    "pt": "{code} é o seu código para {app}.",
}


def login_text(app: str, language: str | None) -> str:
    """Return an invitation to log in to an app."""
    return _in_language(_LOGIN, language).replace("{app}", app)


def code_text(app: str, language: str | None) -> str:
    """Return a sentence with `{code}` in it, for a one-time password of an app."""
    return _in_language(_CODE, language).replace("{app}", app)


def _in_language(sentences: Mapping[str, str], language: str | None) -> str:
    return sentences.get((language or "en").partition("-")[0], sentences["en"])
