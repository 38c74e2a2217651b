"""The command line, generated from the registry."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

from . import __version__, tool_command, tools
from .describe import Described
from .errors import EcospatialError, Message, OptionError, suggest
from .present.language import words
from .progress import listen
from .result import Result
from .terminal import Bar
from .tool_command import PROGRAM, Parser

COMMANDS = ("demo", "report", "tools")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 2 with one line on standard error where it could not.

    Parameters
    ----------
    argv : sequence of str or None
        Arguments after the program's name; those of the process by default.

    Examples
    --------
    >>> main(["--version"])
    ecospatial 0.1.0
    0
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an older encoding lacks signs such as ² and −
    bar, said = Bar(), words()
    try:
        with listen(lambda label, fraction: bar(said(label), fraction)):
            _dispatch([argument for argument in arguments if argument != "--debug"], bar)
        return 0
    except EcospatialError as error:
        return _complain(bar, error.message, 2)
    except KeyboardInterrupt:
        return _complain(bar, Message.of("stopped."), 130)
    except BrokenPipeError:
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except Exception as error:
        if debug:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        wrong = Message.of(
            "something went wrong that should not: {kind}: {reason} (add --debug)",
            kind=type(error).__name__,
            reason=reason,
        )
        return _complain(bar, wrong, 1)


def _complain(bar: Bar, message: Message, code: int) -> int:
    bar.close()
    sys.stderr.write(f"{PROGRAM}: {' '.join(words().message(message).split())}\n")
    return code


def _dispatch(arguments: list[str], bar: Bar) -> None:
    command, *rest = arguments or ["--help"]
    if command in ("-h", "--help") or (command == "help" and not rest):
        _say(_overview())
    elif command in ("--version", "-V"):
        _say(f"{PROGRAM} {__version__}")
    elif command == "tools" and not rest:
        _say(_list_tools())
    elif command in ("tools", "help") and rest:
        _dispatch([*rest[:1], "--help"], bar)
    elif command == "report":
        _report(rest, bar)
    elif command == "demo":
        _demo(rest, bar)
    elif command.replace("-", "_") in tools.names():
        _run(tools.find(command.replace("-", "_")), rest, bar)
    else:
        known = [name.replace("_", "-") for name in tools.names()]
        raise OptionError("There is no tool '{name}'; {hint}", name=command, hint=suggest(command, [*known, *COMMANDS]))


def _overview() -> str:
    said = words()
    return (
        f"{said('usage:')} {PROGRAM} TOOL DATA [options] [--out FILE]\n"
        f"       {PROGRAM} tools               {said('what there is')}\n"
        f"       {PROGRAM} TOOL --help         {said('what a tool takes')}\n"
        f"       {PROGRAM} report RESULT.eco   {said('one page of several stored results')}\n"
        f"       {PROGRAM} demo [NAME]         "
        + said("the whole chain on shipped data, ends with the path of a report")
    )


def _list_tools() -> str:
    said, lines = words(), list[str]()
    found = [tools.find(name) for name in tools.names()]
    for group, title in tools.GROUPS.items():
        lines += ["", said(title)] if lines else [said(title)]
        lines += [f"  {tool.name.replace('_', '-'):<16} {said(tool.title)}" for tool in found if tool.group == group]
    return "\n".join(lines)


def _demo(arguments: list[str], bar: Bar) -> None:
    from . import demo

    said = words()
    parser = Parser(prog=f"{PROGRAM} demo", description=said("Run the whole chain on shipped data."))
    parser.add_argument(
        "name", nargs="?", default=demo.NAMES[0], help=said("one of: {names}", names=", ".join(demo.NAMES))
    )
    parser.add_argument("--out", default="ecospatial-demo", help=said("folder for the report and the results"))
    parser.add_argument("--language", default=said.language, help=said("language of the page, such as zh_CN"))
    given = parser.parse_args(arguments)
    path = demo.run(given.name, given.out, given.language)
    bar.close()
    _say(str(path))


def _run(tool: Described, arguments: list[str], bar: Bar) -> None:
    result, written = tool_command.run(tool, arguments)
    bar.close()
    _say("\n".join(written) if written else result.summary())


def _report(arguments: list[str], bar: Bar) -> None:
    from .present.report import report

    said = words()
    parser = Parser(prog=f"{PROGRAM} report", description=said("One page of several stored results."))
    parser.add_argument("results", nargs="+", metavar="RESULT.eco", help=said("stored results, in the order wanted"))
    parser.add_argument("--out", default="report.html", metavar="FILE", help=said("the page"))
    parser.add_argument("--title", help=said("heading of the page"))
    parser.add_argument("--language", default=said.language, help=said("language of the page, such as zh_CN"))
    given = parser.parse_args(arguments)
    stored = [Result.load(path) for path in given.results]
    report(*stored, title=given.title, language=given.language).save(given.out)
    bar.close()
    _say(given.out)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
