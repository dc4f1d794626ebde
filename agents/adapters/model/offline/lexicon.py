"""What support tickets are about, as words: topics, how urgent, and which words mean the same.

A term is a word or phrase; `*` at the end of a word stands for any ending.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.adapters.model.offline.words import word_set


@dataclass(frozen=True, slots=True)
class Topic:
    """names: what people call the category. strong, plain, weak: its terms, counted 4, 3 and 1."""

    names: frozenset[str]
    strong: tuple[str, ...]
    plain: tuple[str, ...] = field(default=())
    weak: tuple[str, ...] = field(default=())


TOPICS: tuple[Topic, ...] = (
    Topic(
        word_set("billing bill bills payment payments invoice invoices invoicing finance accounting charge charges refund refunds money"),
        ("charged twice", "double charge*", "overcharg*", "charged me", "invoice*", "rechnung*", "vat", "direct debit*"),
        ("refund*", "money back", "reimburs*", "rückerstatt*", "charge*", "credit card*", "payment*", "zahlung*", "receipt*", "bank statement*", "billing"),
        ("paid", "pay", "price*", "bank", "tax", "fee*", "eur", "amount*", "subscription*"),
    ),
    Topic(
        word_set("technical tech technology bug bugs software hardware engineering defect defects error errors incident incidents it"),
        ("error message*", "error code*", "fehlermeldung*", "crash*", "freez*", "bug", "bugs", "outage*", "blank page*", "went down"),
        ("error*", "fehler*", "exception*", "is down", "are down", "offline", "unreachable", "does not work", "doesn't work", "not working", "timeout*", "not load*", "e-##*", "http ##*", "0x##*", "firmware", "not heat*"),
        ("app", "update*", "version", "install*", "wifi", "browser*", "display", "reset", "slow", "page", "restart*"),
    ),
    Topic(
        word_set("account accounts login logins access password passwords user users profile profiles authentication identity"),
        ("password*", "passwort*", "kennwort*", "log in", "logging in", "login*", "sign in", "signing in", "locked out", "two-factor", "unlock*"),
        ("account*", "konto", "user name*", "username*", "profile*", "e-mail address", "email address"),
        ("locked", "access", "verification", "reset"),
    ),
    Topic(
        word_set("delivery deliveries shipping shipment shipments order orders logistics parcel parcels dispatch fulfilment fulfillment"),
        ("parcel*", "package", "courier*", "tracking", "deliver*", "shipping", "shipment*", "paket*", "liefer*", "not arrived"),
        ("shipped", "ship", "arrive*", "late", "damaged", "wrong address", "missing"),
        ("address", "order", "box", "bestellung"),
    ),
    Topic(
        word_set("feedback praise suggestion suggestions idea ideas wish wishes compliment compliments feature features"),
        ("suggestion*", "idea*", "would be nice", "feature request*", "wish*", "keep it up", "just wanted to say"),
        ("love", "great", "thank you", "best coffee", "happy", "please add", "favourite", "delicious"),
        ("like", "nice", "others would"),
    ),
    Topic(
        word_set("sales quote quotes quotation offer offers presales prices pricing wholesale"),
        ("quote*", "quotation*", "wholesale", "price list*", "offer for", "bulk"),
        ("discount*", "licen?e*", "seats", "demo", "buy", "purchase*"),
    ),
    Topic(
        word_set("cancellation cancellations cancel termination churn unsubscribe"),
        ("cancel*", "terminat*", "end my subscription", "unsubscribe*", "kündig*"),
        ("stop my", "close my account", "no longer need"),
    ),
    Topic(
        word_set("return returns exchange exchanges warranty repair repairs"),
        ("send it back", "returned", "return label*", "exchange*", "warranty", "repair*", "garantie"),
        ("return", "broken", "replacement*"),
    ),
    Topic(
        word_set("complaint complaints negative angry bad"),
        ("unacceptable", "complain*", "disappoint*", "terrible", "worst", "never again", "rude"),
        ("bad", "angry", "poor*", "awful", "annoy*", "broken", "waste", "unhappy"),
        ("late", "wrong", "still", "not"),
    ),
    Topic(
        word_set("positive happy good"),
        ("love", "excellent", "perfect*", "wonderful", "fantastic", "delicious"),
        ("great", "thank you", "happy", "good", "nice", "recommend*", "helpful"),
    ),
    Topic(
        word_set("question questions inquiry inquiries enquiry enquiries howto help"),
        ("how do i", "how can i", "is it possible", "could you tell me", "can you tell me", "i would like to know"),
        ("question*", "wonder*", "how long", "when will", "where is", "what is"),
    ),
    Topic(
        word_set("job jobs career careers application applications hr recruiting"),
        ("cv", "job", "jobs", "internship*", "vacanc*", "apply for"),
        ("position", "students"),
    ),
)  # fmt: skip

REST = word_set(
    "other others misc miscellaneous general none unknown rest various unsorted neutral else anything sonstiges default"
)
"""Words of a category that takes what fits nowhere else."""

LEVELS: dict[str, frozenset[str]] = {
    "high": word_set("high urgent critical top important highest emergency p1 hoch dringend"),
    "normal": word_set("normal medium regular middle standard moderate p2 mittel"),
    "low": word_set("low minor unimportant lowest trivial p3 niedrig"),
}

HIGH = (
    "urgent*", "asap", "immediately", "outage*", "is down", "emergency", "cannot work", "can't work", "nobody in our", "nobody here can",
    "data loss", "lost data", "hacked", "stolen", "fraud*", "security", "deadline*", "dringend", "sofort", "in production", "right now",
)  # fmt: skip
LOW = (
    "no hurry", "not urgent", "suggestion*", "idea*", "would be nice", "just wanted to say", "just a wish", "keep it up", "when you have time",
    "nice to have", "love",
)  # fmt: skip

ALIKE: tuple[tuple[str, ...], ...] = (
    ("error message*", "error code*", "fehlermeldung*"),
    ("refund*", "money back", "reimburs*", "pay me back", "chargeback*", "rückerstatt*", "erstattung*"),
    ("password*", "passwort*", "kennwort*", "passphrase*"),
    ("outage*", "downtime", "is down", "are down", "went down", "offline", "unreachable", "not reachable", "blank page*"),
    ("login*", "log in", "logging in", "logged in", "log-in", "sign in", "signing in", "sign-in"),
    ("charged twice", "double charge*", "charged two times", "charged me two times", "charged double", "same amount again"),
    ("invoice*", "rechnung*"),
    ("delivery", "deliver*", "shipment*", "shipping", "shipped", "parcel*", "courier*", "paket*", "liefer*"),
    ("cancel*", "terminat*", "end my subscription", "kündig*"),
    ("error*", "exception*", "fehler*"),
    ("forgot*", "forget*", "vergessen"),
    ("crash*", "freez*", "hangs"),
    ("complain*", "unacceptable", "disappoint*"),
    ("praise*", "thank you", "love", "great", "compliment*"),
    ("suggestion*", "idea*", "would be nice", "feature request*", "wish*"),
    ("job", "jobs", "cv", "internship*", "vacanc*"),
)  # fmt: skip
"""Each line: terms that mean the same when a person writes one of them in an instruction."""

COURTESY = word_set(
    "hello dear team good morning evening guten kind best regards greetings viele grüße thanks thank advance please sent phone sincerely "
    "cheers sehr geehrte freundliche mfg"
)
STOP = COURTESY | word_set(
    "a about after again all also am an and any anything are as asks at be because been being but by can could cannot did do does every for "
    "from get give given had has have he her here him his how i if in into is it its just like made make may me might more most must my no "
    "not now of off on once one only or other our out over own same she should so some such than that the their them then there these they "
    "this those though to too two under until up us very was we were what when where which while who whom why will with within without would "
    "you your yours still since tell know need want der die das und ich nicht ein eine mit für ist wir sie bitte"
)  # fmt: skip
