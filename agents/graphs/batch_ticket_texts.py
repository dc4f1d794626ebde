"""What the customers of the sample tickets write, topic by topic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of ticket.

    category: where a careful person would put it. body: for each sentence the
    ways to say it. weight: how often it comes, compared with the others.
    clear: its words say what it is. misleading: they point elsewhere.
    """

    category: str
    subjects: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    weight: int = 4
    clear: bool = True
    misleading: bool = False


CUSTOMERS = (
    "Anna Lindqvist", "Jürgen Müller", "Priya Raman", "Tom O'Neill", "Zoë Baker", "Luis Fernández", "Marta Kowalska",
    "Kenji Sato", "Amélie Rousseau", "Ben Carter", "Søren Holm", "Café Größenwahn", "Chen Wei", "Olga Petrova",
    "Weber & Sons, Ltd.", "Fatima Al-Sayed", "Nora Byrne", "Bürobedarf Köhler GmbH", "Ivo Novák", "Grace Okafor",
)  # fmt: skip

GREETINGS = ("Hello,", "Hi,", "Hi there,", "Good morning,", "Dear team,", "Guten Tag,", "", "")
CLOSINGS = (
    "Best regards,",
    "Thanks in advance",
    "Kind regards,",
    "Viele Grüße,",
    "Greetings,",
    "Sent from my phone",
    "",
    "",
)

SLOTS: dict[str, tuple[str, ...]] = {
    "machine": ("Filtra 2", "Ristretto One", "Mokka Go", "Crème 300", "G3 grinder"),
    "beans": ("Hausröstung 1 kg", "Ethiopia Sidamo", "Nordic light roast", "decaf, 500 g", "Espresso N° 7"),
    "code": ("E-104", "E-217", "E-3301", "0x80A1", "HTTP 502", "E-58"),
    "failing": (
        "error message “Something went wrong ({code})”",
        'error message "Request failed, {code}"',
        "error message {code}",
        "error message “Vorgang fehlgeschlagen, {code}”",
    ),
    "day": ("Monday", "Tuesday", "Friday", "the 3rd", "14 February", "Sunday"),
    "street": ("Königstraße 14", "12 Mill Lane", "Rua da Prata 80", "Østergade 5", "Hauptstr. 9, 2nd floor"),
    "phone": ("iPhone", "Android phone", "iPad", "old laptop", "Pixel"),
    "wish": ("a dark theme", "a calendar of deliveries", "smaller bags", "gift cards", "a grinding guide"),
}

TOPICS: tuple[Topic, ...] = (
    Topic(
        "billing",
        ("Refund for order {order}: error message", "Money back for order {order}", "Refund form shows {code}"),
        (
            ("I want a refund of {amount} EUR for order {order}.", "Please give me my money back for order {order}, {amount} EUR."),
            ("When I send the refund form I only get the {failing}.", "The refund page always ends with the {failing}."),
            ("I tried it on my {phone} and it crashes there too.", "The same error came up {days} times.", "The page then freezes."),
            ("I returned the {machine} on {day}.", "The {machine} went back to you on {day}, unused.", "I only want the amount back, nothing else."),
        ),
        weight=11,
        clear=False,
        misleading=True,
    ),
    Topic(
        "billing",
        ("Refund for order {order}", "Please refund {amount} EUR", "Money back, order {order}"),
        (
            ("I returned the {machine} on {day} and would like a refund of {amount} EUR.", "Please refund order {order}: I changed my mind, {amount} EUR was the price."),
            ("How long does the refund take?", "The money went from my credit card, please send it back there.", "My bank has seen no refund yet."),
        ),
    ),
    Topic(
        "billing",
        ("Charged twice for order {order}", "Double charge of {amount} EUR", "You charged me two times"),
        (
            ("My credit card was charged twice for order {order}.", "On {day} you charged me {amount} EUR, and the same amount again a day later."),
            ("Please check the payment and correct it.", "I have the bank statement, if you need it.", "One charge was right, the other one was not."),
        ),
        weight=6,
    ),
    Topic(
        "billing",
        ("Invoice {invoice}", "Wrong VAT on invoice {invoice}", "Copy of invoice {invoice}, please"),
        (
            ("The VAT on invoice {invoice} is wrong.", "I need a copy of invoice {invoice} for my tax return.", "Invoice {invoice} shows {amount} EUR, the agreed price was lower."),
            ("Our company is called “Weber & Sons, Ltd.”, with the comma.", "Please send a corrected invoice.", "Our accountant asks for it."),
        ),
        weight=6,
    ),
    Topic(
        "technical",
        ("App crashes on my {phone}", "The app freezes at once", "Bug in the app"),
        (
            ("Since the last update the app crashes on my {phone}.", "The app freezes when I open the list of recipes, on my {phone}."),
            ("I installed it again, and it still crashes.", "It says {code} for a second and closes.", "Restarting did not help.", "The version is the newest one."),
        ),
        weight=6,
    ),
    Topic(
        "technical",
        ("{machine} shows {code}", "Error {code} on the display", "{machine} does not heat"),
        (
            ("My {machine} shows error {code} and does not heat.", "The display of the {machine} says {code}, and then nothing works."),
            ("I descaled it, reset it and tried another socket.", "The firmware is up to date.", "It began on {day}.", "The WiFi connection is gone too."),
        ),
        weight=6,
    ),
    Topic(
        "technical",
        ("URGENT: your website is down", "Outage? Nobody here can order", "Your shop has been offline since {day}"),
        (
            ("Your website is down, we only see a blank page.", "There is an outage of the order system: nobody in our office can open the page."),
            ("We run {days} cafés and cannot work without it.", "This is urgent, we open at six.", "It has been like this since {day}."),
        ),
        weight=2,
        clear=False,
    ),
    Topic(
        "account",
        ("Password reset", "Forgot my password", "Password mail never arrives"),
        (
            ("I forgot my password, and the mail to reset it never comes.", "The link to reset my password has expired, {days} times now."),
            ("My user name is my e-mail address.", "Please set a new password or tell me how to do it.", "I looked in the spam folder as well."),
        ),
        weight=6,
    ),
    Topic(
        "account",
        ("Locked out", "Cannot log in", "Login with two-factor code"),
        (
            ("I cannot log in any more: it says that my account is locked.", "The two-factor code for the login is never accepted on my {phone}."),
            ("I have been a customer for {days} years.", "Please unlock my account.", "My colleague can log in, I cannot."),
        ),
    ),
    Topic(
        "account",
        ("Change of e-mail address", "Please delete my account", "Two accounts"),
        (
            ("I have a new e-mail address, please change it in my account.", "Please delete my account and my profile.", "I have two accounts by mistake; please merge them."),
            ("The profile page does not let me do it.", "My user name can stay as it is.", "Let me know when it is done.", "I moved jobs on {day}."),
        ),
    ),
    Topic(
        "delivery",
        ("Where is order {order}?", "Parcel {days} days late", "Tracking stands still"),
        (
            ("Order {order} has not arrived, it is {days} days late.", "The tracking of my parcel has stood still since {day}."),
            ("The courier says that he has no parcel for {street}.", "When will it be delivered?", "The {beans} was for a party on Saturday."),
        ),
        weight=7,
    ),
    Topic(
        "delivery",
        ("Damaged parcel, order {order}", "Missing in the parcel: {beans}", "Wrong address for order {order}"),
        (
            ("The parcel with order {order} arrived damaged, the box was open.", "The {beans} was missing in the parcel of {day}.", "I gave the wrong address: please deliver order {order} to {street}."),
            ("I have photos of the box.", "Can the courier come again?", "The courier left it in the rain, \"as always\".", "Please ship it as soon as you can."),
        ),
        weight=7,
    ),
    Topic(
        "feedback",
        ("Thank you!", "Love the {beans}", "Great service"),
        (
            ("I just wanted to say thank you: the {beans} is great.", "We love our {machine}, {days} cups a day and still happy."),
            ("Keep it up!", "Please tell the team.", "Best coffee in town; my wife says so, too."),
        ),
    ),
    Topic(
        "feedback",
        ("A suggestion", "Idea: {wish}", "A wish for the shop"),
        (
            ("It would be nice to have {wish} in the shop.", "A suggestion: please add {wish}.", "I have an idea for you: {wish}."),
            ("No hurry, just a wish.", "Others would like it as well, I think.", "My old shop had that, and I miss it."),
        ),
    ),
    Topic(
        "other",
        ("Do you have jobs?", "Press question", "Visit to the roastery"),
        (
            ("Do you have jobs for students in the roastery?", "I write for a local newspaper and would like to visit the roastery.", "Our school class of {days} would like to visit you."),
            ("Whom may I call?", "We are free from {day} on.", "I can send my CV.", "It would take an hour."),
        ),
        weight=3,
        clear=False,
    ),
)  # fmt: skip
