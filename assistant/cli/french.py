"""Puts the command line's own words in French: panels, help option, usage errors."""

from typing import Any, Final

import typer
import typer.core
import typer.rich_utils

_HELP: Final = "Affiche cette aide et quitte."
typer.rich_utils.OPTIONS_PANEL_TITLE = "Options"
typer.rich_utils.ARGUMENTS_PANEL_TITLE = "Arguments"
typer.rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
typer.rich_utils.ERRORS_PANEL_TITLE = "Erreur"
typer.rich_utils.DEFAULT_STRING = "[par défaut : {}]"
typer.rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"

#: The root of Typer's usage errors. Typer carries its own copy of click, whose other exceptions
#: are only reached through this public one.
USAGE_ERROR: Final[type[Exception]] = next(
    parent for parent in typer.BadParameter.__mro__ if parent.__name__ == "ClickException"
)


class Command(typer.core.TyperCommand):
    """A command whose `--help` is described in French."""

    def get_help_option(self, ctx: Any) -> Any:
        return _in_french(super().get_help_option(ctx))


class Group(typer.core.TyperGroup):
    """A group of commands whose `--help` is described in French."""

    command_class = Command

    def get_help_option(self, ctx: Any) -> Any:
        return _in_french(super().get_help_option(ctx))


def _in_french(option: Any) -> Any:
    if option is not None:
        option.help = _HELP
    return option


def usage_message(error: Any) -> str:
    """A wrong usage, said in French with where to find help."""
    return f"{_cause(error)} « preuve --help » liste les commandes et leurs options."


def _cause(error: Any) -> str:
    match type(error).__name__:
        case "NoSuchOption":
            return f"L'option « {error.option_name} » n'existe pas."
        case "MissingParameter":
            return f"Il manque « {_parameter(error)} »."
        case "BadParameter":
            return f"Valeur refusée pour « {_parameter(error)} » : {error.message}."
        case "FileError":
            return f"Le fichier « {error.ui_filename} » ne peut pas être ouvert."
        case _:
            return f"Commande incorrecte : {error.format_message()}"


def _parameter(error: Any) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    return str(error.param.metavar or max(error.param.opts, key=len))
