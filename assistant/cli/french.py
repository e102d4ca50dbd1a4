"""Puts the command line's own words in French: panels, help option, usage errors."""

from typing import Final

import click
import typer.core
import typer.rich_utils

_HELP: Final = "Affiche cette aide et quitte."
typer.rich_utils.OPTIONS_PANEL_TITLE = "Options"
typer.rich_utils.ARGUMENTS_PANEL_TITLE = "Arguments"
typer.rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
typer.rich_utils.ERRORS_PANEL_TITLE = "Erreur"
typer.rich_utils.DEFAULT_STRING = "[par défaut : {}]"
typer.rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"


class Command(typer.core.TyperCommand):
    """A command whose `--help` is described in French."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _in_french(super().get_help_option(ctx))


class Group(typer.core.TyperGroup):
    """A group of commands whose `--help` is described in French."""

    command_class = Command

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        return _in_french(super().get_help_option(ctx))


def _in_french(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = _HELP
    return option


def usage_message(error: click.ClickException) -> str:
    """A wrong usage, said in French with where to find help."""
    return f"{_cause(error)} « preuve --help » liste les commandes et leurs options."


def _cause(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption():
            return f"L'option « {error.option_name} » n'existe pas."
        case click.MissingParameter():
            name = error.param.human_readable_name if error.param else ""
            return f"Il manque « {name} »."
        case click.BadParameter():
            name = error.param.human_readable_name if error.param else ""
            return f"Valeur refusée pour « {name} » : {error.message}"
        case click.FileError():
            return f"Le fichier « {error.ui_filename} » ne peut pas être ouvert."
        case _:
            return f"Commande incorrecte : {error.format_message()}"
