"""The cards of tool calls and of answers by form through AppTest: what is drawn, kept and sent; no browser."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from agents import history, identity, reviews
from agents.desk import Desk
from tests.pages.conftest import ask, at_page, html, work

HOSTILE = "send **bold** <img src=x onerror=alert(1)>"
ALL = ["approve", "edit", "reject", "respond"]


def held(*calls: tuple[str, dict[str, Any], list[str]]) -> dict[str, Any]:
    return {
        "action_requests": [{"name": name, "args": args, "description": HOSTILE} for name, args, _ in calls],
        "review_configs": [{"action_name": name, "allowed_decisions": allowed} for name, _, allowed in calls],
    }


THREE = held(("pay", {"euros": 5, "ratio": 1.0}, ALL), (HOSTILE, {}, ["approve", "reject"]), ("pay", {"euros": 6}, ALL))


def main_button(app: AppTest) -> Any:
    return next(button for button in app.button if str(button.key).startswith("main-"))


def decide(app: AppTest, call: int, decision: str) -> None:
    (control,) = [each for each in app.segmented_control if str(each.key).startswith(f"pick-decision-{call}-")]
    control.set_value(decision).run()
    assert not app.exception


def draft_of(desk: Desk, query: dict[str, str]) -> Any:
    return reviews.open_review(desk, query["thread"], query["pause"], actor=identity.actor(desk)).draft


def sent(desk: Desk) -> Any:
    return history.decisions_page(desk).decisions[0].resume_value


def test_three_calls_are_approved_with_one_button(desk: Desk) -> None:
    app = at_page("review.py", **ask(desk, "three", THREE))
    assert "<img" not in html(app)
    assert main_button(app).label == "Approve all 3 calls"
    main_button(app).click().run()
    assert sent(desk) == {"decisions": [{"type": "approve"}] * 3}
    work(desk)
    app.run()
    assert html(app).count("run as it was") == 3


def test_each_call_is_decided_by_itself_and_kept_meanwhile(desk: Desk) -> None:
    query = ask(desk, "mixed", THREE)
    app = at_page("review.py", **query)
    assert [len(each.options) for each in app.segmented_control] == [4, 2, 4]
    decide(app, 0, "edit")
    app.number_input[0].set_value(7).run()
    decide(app, 1, "reject")
    app.text_area[0].set_value("Not today").run()
    assert main_button(app).label == "Send 3 decisions: 2 run 1 changed , 1 rejected".replace(
        "1 changed ,", "(1 changed),"
    )
    decide(app, 2, "respond")
    assert main_button(app).disabled
    app.text_area[1].set_value("Paid by hand").run()
    assert draft_of(desk, query)["calls"] == [
        {"decision": "edit", "form": {"euros": 7}},
        {"decision": "reject", "reject": "Not today"},
        {"decision": "respond", "respond": "Paid by hand"},
    ]
    again = at_page("review.py", **query)
    assert main_button(again).label == "Send 3 decisions: 1 run (1 changed), 1 rejected, 1 answered"
    assert "Euros: 5 becomes 7" in html(again)
    main_button(again).click().run()
    assert repr(sent(desk)["decisions"]) == repr(
        [
            {"type": "edit", "edited_action": {"name": "pay", "args": {"euros": 7, "ratio": 1.0}}},
            {"type": "reject", "message": "Not today"},
            {"type": "respond", "message": "Paid by hand"},
        ]
    )


def test_all_rejected_says_so_and_is_on_record_as_a_rejection(desk: Desk) -> None:
    app = at_page(
        "review.py", **ask(desk, "none", held(("pay", {"euros": 5}, ALL), ("mail", {}, ["approve", "reject"])))
    )
    decide(app, 0, "reject")
    decide(app, 1, "reject")
    assert main_button(app).label == "Reject both calls"
    main_button(app).click().run()
    (taken,) = history.decisions_page(desk).decisions
    assert (taken.type.value, taken.resume_value) == ("reject", {"decisions": [{"type": "reject"}] * 2})


def test_one_call_is_changed_in_fields_that_say_what_is_wrong(desk: Desk) -> None:
    line = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    value = held(("pay", {"euros": 5, "lines": [{"n": 1}]}, ["approve", "edit"]))
    value["review_configs"][0]["args_schema"] = {"properties": {"lines": {"type": "array", "items": line}}}
    app = at_page("review.py", **ask(desk, "one", value))
    assert main_button(app).label == "Approve and run pay"
    app.toggle[0].set_value(True).run()
    assert main_button(app).label == "Approve and run pay"
    next(each for each in app.number_input if each.label == "N").set_value(0).run()
    assert "Must be at least 1." in html(app)
    assert main_button(app).disabled
    next(button for button in app.button if button.label == "Remove entry 1").click().run()
    assert main_button(app).label == "Run pay with my changes"
    main_button(app).click().run()
    assert sent(desk)["decisions"][0]["edited_action"]["args"] == {"euros": 5, "lines": []}


def test_agent_inbox_asks_for_text_where_it_takes_nothing_else(desk: Desk) -> None:
    request = {"action": "Question", "args": {"content": "The 4th or the 11th?"}}
    config = {"allow_ignore": True, "allow_respond": True, "allow_edit": False, "allow_accept": False}
    app = at_page("review.py", **ask(desk, "inbox", [{"action_request": request, "config": config}]))
    assert main_button(app).disabled
    app.text_area[0].set_value("The 4th").run()
    main_button(app).click().run()
    assert sent(desk) == [{"type": "response", "args": "The 4th"}]


def test_megabytes_of_arguments_are_not_drawn_whole(desk: Desk) -> None:
    args = {"text": "x" * 2_000_000, "n": 1}
    app = at_page("review.py", **ask(desk, "large", held(("pay", args, ["approve", "edit"]))))
    app.toggle[0].set_value(True).run()
    app.number_input[0].set_value(2).run()
    assert len(html(app)) < 100_000
    main_button(app).click().run()
    assert sent(desk)["decisions"][0]["edited_action"]["args"] == {**args, "n": 2}


def test_text_and_json_are_chosen_and_never_guessed(desk: Desk) -> None:
    query = ask(desk, "free", {"question": "How many?"})
    app = at_page("review.py", **query)
    app.text_area[0].set_value("3").run()
    app.segmented_control[0].set_value("As JSON").run()
    app.text_area[0].set_value("{3").run()
    assert "This is not JSON yet" in html(app)
    assert main_button(app).disabled
    app.text_area[0].set_value("3").run()
    again = at_page("review.py", **query)
    assert (again.segmented_control[0].value, again.text_area[0].value) == ("As JSON", "3")
    main_button(again).click().run()
    assert sent(desk) == 3


def test_the_exact_value_is_shown_before_it_is_sent(desk: Desk) -> None:
    query = ask(desk, "exact", THREE)
    seen = reviews.open_review(desk, query["thread"], query["pause"], actor=identity.actor(desk)).review.pause.seen
    app = at_page("review.py", **query)
    app.session_state[f"sending-{seen[:12]}-{query['pause']}-{query['thread']}"] = True
    app.run()
    assert json.loads(app.code[0].value) == {"decisions": [{"type": "approve"}] * 3}
    decide(app, 0, "edit")
    next(field for field in app.number_input if field.label == "Euros").set_value(7).run()
    assert json.loads(app.code[0].value)["decisions"][0]["edited_action"]["args"] == {"euros": 7, "ratio": 1.0}
