"""People: what each may do. Who they are is proven at the edges: a sign-in, a proxy's header, a token."""

from agents.people.permission import GRACE, NEEDED, Act, may, permit, permitted, why_not

__all__ = ["GRACE", "NEEDED", "Act", "may", "permit", "permitted", "why_not"]
