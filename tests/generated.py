"""The parts of docs/ that are written from the code: `python -m tests.generated` writes them again."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from pydantic.fields import FieldInfo

from agents.domain import JSON
from agents.settings import Settings
from tests.examples import BY_ID, Example, Way

DOCS = Path(__file__).resolve().parent.parent / "docs"
BEGIN = "<!-- written from the code: python -m tests.generated -->"
END = "<!-- end -->"
EXAMPLE = re.compile(r"<!-- example: (\w+) -->\n.*?<!-- end -->", flags=re.DOTALL)


def settings_table() -> str:
    """One row per setting, in the order of the class."""
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    rows += [
        f"| `{field.validation_alias}` | {_default(field)} | {_cell(field.description or '')} |"
        for field in Settings.model_fields.values()
    ]
    return "\n".join(rows)


def commands_text() -> str:
    """One section per command: its usage, and a row per argument."""
    from agents.__main__ import build_parser

    return "\n\n".join(_command(name, about, parser) for name, about, parser in commands_of(build_parser()))


def batch_input_table() -> str:
    """One row per field of a batch's input."""
    from agents.graphs.batch_input import BatchInput

    rows = ["| field | default | what it is |", "|---|---|---|"]
    rows += [
        f"| `{name}` | {_json(field)} | {_cell(field.description or '')} |"
        for name, field in BatchInput.model_fields.items()
    ]
    return "\n".join(rows)


def commands_of(parser: argparse.ArgumentParser) -> list[tuple[str, str, argparse.ArgumentParser]]:
    """(name, what it does, its own parser) of each command."""
    (group,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    about = {choice.dest: choice.help or "" for choice in group._choices_actions}
    return [(name, about.get(name, ""), command) for name, command in group.choices.items()]


def with_part(page: str, part: str) -> str:
    """The page with what stands between its two marks replaced. Raises ValueError for a page without marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The page needs the lines {BEGIN} and {END}.")
    return f"{head}{begin}\n\n{part}\n\n{end}{tail}"


def current(name: str) -> str:
    """What docs/`name` should hold: its text with the written part made anew."""
    page = (DOCS / name).read_text(encoding="utf-8")
    return with_examples(page) if name in WITH_EXAMPLES else with_part(page, WRITTEN[name]())


def with_examples(page: str) -> str:
    """The page with each example's part made anew."""
    return EXAMPLE.sub(lambda part: f"<!-- example: {part[1]} -->\n\n{example_text(BY_ID[part[1]])}\n\n{END}", page)


def example_text(example: Example) -> str:
    """How to start it, the code that asks, what a reviewer sees, and a row for each way to answer."""
    rows = ["| you | `interrupt()` returns | and then |", "|---|---|---|", *(_way(way) for way in example.ways)]
    return "\n".join(
        [
            f"[`{example.file}`](examples/{example.file})",
            "",
            "```bash",
            f".venv/bin/{example.command}",
            "```",
            "",
            "```python",
            example.code(),
            "```",
            "",
            f"The reviewer sees {example.sees}.",
            "",
            *rows,
        ]
    )


def _way(way: Way) -> str:
    words = "; ".join(answer.words for answer in way.answers)
    values = " and ".join(_value_got(answer.receives) for answer in way.answers)
    return f"| {_cell(words)} | {_cell(values)} | {_cell(way.then)} |"


def _json(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    return "" if value in (None, "", []) else f"`{json.dumps(value)}`"


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return "none"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def _command(name: str, about: str, parser: argparse.ArgumentParser) -> str:
    arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    usage = " ".join(["signoff", name, *(_usage(action) for action in arguments)])
    lines = [f"## {name}", "", f"{about[:1].upper()}{about[1:]}.", "", "```", usage, "```"]
    explained = [action for action in arguments if action.help]
    if explained:
        lines += ["", "| argument | what it does |", "|---|---|"]
        lines += [f"| {_names(action)} | {_cell(action.help or '')} |" for action in explained]
    return "\n".join(lines)


def _usage(action: argparse.Action) -> str:
    if not action.option_strings:
        return f"[{_value(action)}]" if action.nargs in {"?", "*"} else _value(action)
    text = f"{action.option_strings[-1]} {_value(action)}".strip()
    return text if action.required else f"[{text}]"


def _names(action: argparse.Action) -> str:
    names = action.option_strings or [_value(action)]
    value = f" {_value(action)}" if action.option_strings and _value(action) else ""
    return _cell(", ".join(f"`{name}{value}`" for name in names))


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.choices and not action.metavar:
        return "|".join(str(choice) for choice in action.choices)
    return str(action.metavar or action.dest).upper()


def _cell(text: str) -> str:
    """Text inside a table: a bar would end its cell."""
    return " ".join(text.replace("%%", "%").split()).replace("|", "\\|")


WRITTEN = {"settings.md": settings_table, "commands.md": commands_text, "batches.md": batch_input_table}


def _value_got(value: JSON) -> str:
    return "nothing" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


WITH_EXAMPLES = ("bring-your-own-graph.md",)
PAGES = (*WRITTEN, *WITH_EXAMPLES)


def main() -> None:
    for name in PAGES:
        (DOCS / name).write_text(current(name), encoding="utf-8")
        print(f"written: docs/{name}")


if __name__ == "__main__":
    main()
