"""A program of your own: it writes its own checkpointer file and knows nothing of Signoff.

python docs/examples/own_program.py FILE
"""

import sys

from approve_or_reject import graph
from langgraph.checkpoint.sqlite import SqliteSaver


def main(path: str) -> None:
    with SqliteSaver.from_conn_string(path) as saver:
        app = graph.builder.compile(checkpointer=saver)
        for order in (1005, 1006):
            config = {
                "configurable": {"thread_id": f"refund-{order}"},
                "metadata": {"graph_id": "approve_or_reject", "title": f"Refund of order {order}"},
            }
            app.invoke({"order": order, "amount": 40}, config, durability="sync")


if __name__ == "__main__":
    main(sys.argv[1])
