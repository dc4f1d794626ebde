"""What the demo shows: its threads, when each began, and what was decided on it since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from agents.demo.acts import ADA, BEN, Act, Scene
from agents.demo.batch_scenes import batches
from agents.domain import JSON, DecisionType, Said


def scenes(folder: str) -> tuple[Scene, ...]:
    """All of them, oldest first. folder: the demo's own in the workspace; no plan reaches beyond it."""
    made = (*_plans(folder), *_questions(folder), *_mails(), *_requests(), *batches())
    return tuple(sorted(made, key=lambda scene: scene.ago, reverse=True))


def _plans(folder: str) -> tuple[Scene, ...]:
    return (
        Scene(
            "exports",
            "a plan that was approved and carried out",
            "plan_approval",
            {"task": f"Delete all .tmp files in {folder}/exports older than 20 days"},
            timedelta(days=9, hours=3),
            (Act(timedelta(days=9, hours=1), BEN, Said(DecisionType.APPROVE)),),
        ),
        Scene(
            "invoices",
            "a plan that was rejected",
            "plan_approval",
            {"task": f"Delete all .txt files in {folder}/invoices older than 90 days"},
            timedelta(days=5, hours=2),
            (Act(timedelta(days=5), ADA, Said(DecisionType.REJECT, "Paid invoices are kept for ten years.")),),
        ),
        Scene(
            "reports",
            "a plan that was made anew after an instruction",
            "plan_approval",
            {"task": f"Move the .csv files in {folder}/reports older than 40 days to {folder}/reports/old"},
            timedelta(hours=5),
            (Act(timedelta(hours=3), ADA, Said(DecisionType.RESPOND, "keep autumn.csv")),),
        ),
        Scene(
            "logs",
            "a plan with its files",
            "plan_approval",
            {"task": f"Delete all log files in {folder}/logs older than 30 days"},
            timedelta(minutes=12),
        ),
    )


def _questions(folder: str) -> tuple[Scene, ...]:
    answers = [f"the .csv files in {folder}/reports", f"archive into {folder}/reports/old.zip", "older than 100 days"]
    return (
        Scene(
            "old",
            "questions about a vague task",
            "clarification",
            {"task": f"Delete the old files in {folder}/invoices"},
            timedelta(days=3, hours=2),
        ),
        Scene(
            "space",
            "a plan that was made of answers to questions",
            "clarification",
            {"task": f"Make some space in {folder}"},
            timedelta(days=2, hours=3),
            (Act(timedelta(days=2, hours=1), BEN, Said(DecisionType.RESPOND, args={"answers": answers})),),
        ),
        Scene(
            "tidy",
            "questions before a plan",
            "plan_approval",
            {"task": f"Tidy up {folder}/reports"},
            timedelta(hours=2),
        ),
    )


def _mails() -> tuple[Scene, ...]:
    return (
        Scene(
            "closed",
            "a mail that was sent, into the outbox",
            "email_approval",
            _mail(
                "Carla Ruiz <carla.ruiz@example.org>",
                "The office is closed on Friday",
                "Say that the office is closed.",
            ),
            timedelta(days=8, hours=4),
            (Act(timedelta(days=8), ADA, Said(DecisionType.APPROVE)),),
        ),
        Scene(
            "renewal",
            "a mail that was cancelled",
            "email_approval",
            _mail("Dan Brown <dan.brown@example.net>", "Renewing your contract", "Ask whether he wants to renew."),
            timedelta(days=6, hours=6),
            (Act(timedelta(days=6), BEN, Said(DecisionType.REJECT, "He renewed by phone yesterday.")),),
        ),
        Scene(
            "offer",
            "a mail that was written again after an instruction",
            "email_approval",
            _mail(
                "Ben Okafor <ben.okafor@example.org>", "Our offer for spring", "Say that our offer holds until Friday."
            ),
            timedelta(days=1, hours=4),
            (Act(timedelta(days=1, hours=1), ADA, Said(DecisionType.RESPOND, "Make it friendlier")),),
        ),
        Scene(
            "overdue",
            "a mail with something to look at twice",
            "email_approval",
            _mail(
                "Ann Lee <ann.lee@example.org>",
                "Invoice 1005 is overdue",
                "Say that the attached invoice 1005 of 480 euros was due on 3 March, and ask when it will be paid.",
            ),
            timedelta(minutes=35),
        ),
    )


def _mail(recipient: str, subject: str, instructions: str) -> dict[str, JSON]:
    return {"recipient": recipient, "subject": subject, "instructions": instructions}


def _requests() -> tuple[Scene, ...]:
    return (
        Scene(
            "restart",
            "a tool call that was allowed",
            "demo_request",
            _tool(
                "Restart the mailer",
                "restart_service",
                {"service": "mailer", "wait_seconds": 30},
                "Its queue has been stuck since this morning, and 214 mails wait.",
            ),
            timedelta(days=10, hours=2),
            (Act(timedelta(days=10, hours=1), BEN, Said(DecisionType.APPROVE)),),
        ),
        Scene(
            "supplier",
            "a question with options",
            "demo_request",
            {
                "title": "Choose a supplier for the spring order",
                "request": {
                    "question": "Two suppliers can deliver 400 chairs by 12 May. Which one gets the order?",
                    "options": ["Northwood, 31.50 each", "Chairs & Co, 29.90 each", "Ask both for a better price"],
                    "order": "400 chairs, beech, delivered to Hall 3",
                },
            },
            timedelta(days=6, hours=5),
        ),
        Scene(
            "refund",
            "a tool call that waits",
            "demo_request",
            _tool(
                "Refund order 2207",
                "refund_order",
                {"order": "2207", "euros": 35.0, "reason": "arrived late"},
                "The parcel came nine days late, and the customer has written twice.",
            ),
            timedelta(minutes=7),
        ),
    )


def _tool(title: str, name: str, args: Mapping[str, JSON], description: str) -> dict[str, JSON]:
    """A tool call as LangChain's middleware holds it."""
    config = {"action_name": name, "allowed_decisions": ["approve", "edit", "reject"]}
    request = {"action_requests": [{"name": name, "args": dict(args), "description": description}]}
    return {"title": title, "request": {**request, "review_configs": [config]}}
