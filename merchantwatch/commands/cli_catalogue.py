"""The command line of rules, formats, schemas, and the steps of a run."""

import click

from merchantwatch.commands.options import HELP, declared, lang_option
from merchantwatch.support.lang import message_lang


@click.group(context_settings=HELP, invoke_without_command=True)
@click.option("--pack", metavar="FILE", multiple=True, help="A pack of your own rules, over the built-in ones.")  # fmt: skip
@click.option("--confidence", type=click.Choice(["official", "reprinted", "seed", "assumed", "measured"]), multiple=True, help="Only what is this sure; repeatable.")  # fmt: skip
@lang_option
@click.pass_context
def rules(context: click.Context, pack: tuple[str, ...], confidence: tuple[str, ...]) -> int | None:
    """List the rules and signals; or try a pack of your own with `rules test PACK`."""
    if context.invoked_subcommand is not None:
        return None
    from merchantwatch.commands.catalogue import rules as work

    return work(pack, confidence, message_lang())


@rules.command("test", context_settings=HELP)
@click.argument("pack")
@lang_option
def rules_test(pack: str) -> int:
    """Judge the cases that lie beside PACK: CODE.csv for each rule that it adds or changes.

    The columns are fields of a line, with `case` (what it shows) and `expect` (hit, near, no,
    unjudged). The cases are judged at the midnight with which the pack's `reviewed` day begins.
    """
    from merchantwatch.commands.trying import try_rules

    return try_rules(pack, message_lang())


@click.command(context_settings=HELP)
@click.argument("code")
@click.option("--pack", metavar="FILE", multiple=True, help="A pack of your own rules, beside the built-in ones.")  # fmt: skip
@lang_option
def rule(code: str, pack: tuple[str, ...]) -> int:
    """Explain the rule CODE: clause, exact condition, limit, source, examples, what to do."""
    from merchantwatch.commands.catalogue import rule as work

    return work(code, pack, message_lang())


@click.command(context_settings=HELP)
@click.argument("name", type=click.Choice(["settings", "report"]))
@lang_option
def schema(name: str) -> int:
    """Print the JSON Schema of merchantwatch.toml, or of the JSON report."""
    from merchantwatch.commands.schema import schema as work

    return work(name)


@click.command(context_settings=HELP)
@lang_option
def formats() -> int:
    """List the exports that are recognised, and by which headers."""
    from merchantwatch.commands.catalogue import formats as work

    return work(message_lang())


@click.command(context_settings=HELP)
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@declared("moment", "reading")
def explain(inputs: tuple[str, ...], config: str | None, **flags: object) -> int:
    """Scan INPUT and print the steps that were taken, in order, with what each makes."""
    from merchantwatch.commands.explain import explain as work

    return work(inputs, flags, config)
