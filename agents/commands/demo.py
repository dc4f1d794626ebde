"""`signoff demo`: fills an empty desk, and takes it away again."""

from __future__ import annotations

import argparse

from agents import identity
from agents.commands.reading import opened_desk
from agents.commands.text import printable


def demo(args: argparse.Namespace) -> int:
    with opened_desk() as desk:
        from agents.demo import make_demo, reset_demo  # LangGraph takes seconds to import; a wrong setting needs none

        actor = identity.actor_of_command(desk)
        if args.reset:
            for sentence in reset_demo(desk, actor=actor):
                print(f"Stays: {printable(sentence)}")
            print("The demo is taken away. The record says so, and keeps its events.")
            return 0
        made = make_demo(desk, actor=actor, progress=_say)
        print(f"{len(made)} threads are on the desk in {desk.settings.home}. Look: streamlit run dashboard.py")
        print("To take them away again: signoff demo --reset")
    return 0


def _say(done: int, total: int, text: str) -> None:
    if done < total:
        print(f"{done + 1} of {total}: {text}", flush=True)
