"""Botpress: make a bot and narrow to it, talk, search a file, fill a table, meet the rate limit and errors."""

from __future__ import annotations

from datetime import timedelta

from trilogue import Botpress, InvalidArgument, NotFound
from trilogue_sandbox import Sandbox

from showcase.rapidpro import MovedClock
from showcase.screen import progress, tell, title

USERS, CALLS_PER_SECOND = 120, 25
GUIDE = b"# Pumps\n\nClose the valve before you open the pump.\n\n## Repair\n\nGrease the rubber ring.\n"


class QuietClock(MovedClock):
    """The client's clock: a wait moves the sandbox's clock on, and is over at once."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Move the clock of `sandbox`, and note for how long."""
        super().__init__(sandbox)
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept += seconds
        self._sandbox.advance(timedelta(seconds=seconds))


def show(sandbox: Sandbox, address: str) -> str:
    """Show Botpress and return a line about it."""
    title("3. Botpress")
    owner, clock = sandbox.accounts("botpress")[0].credentials, QuietClock(sandbox)
    host = f"{address}/botpress"
    with Botpress(owner["token"], workspace_id=owner["workspace_id"], host=host, clock=clock) as client:
        bot = _narrow(client)
        listed = _talk(bot, sandbox, owner["bot_id"])
        _upload(bot)
        _fill_a_table(bot)
        _meet_the_rate_limit(bot, sandbox, clock)
        _meet_errors(client, bot)
    return f"Botpress: a bot created, {listed} of its users listed; a file searched, a table filled; within the limit"


def _narrow(client: Botpress) -> Botpress:
    made = client.bots.create(name="Greeter", user={"tags": {"village": {}}})
    tell("Created a bot", f"{made!r}")
    tell("Narrowed to it", "client.for_bot(...) shares the connections")
    return client.for_bot(made.id)


def _talk(bot: Botpress, sandbox: Sandbox, seeded: str) -> int:
    for number in progress(range(USERS), "Created users", USERS):
        bot.users.create(tags={"village": f"v{number % 7}"})
    listed = sum(1 for _ in progress(bot.users.list(), "Listed all users", USERS + 1))
    sandbox.control("botpress", "receive", {"text": "Is anybody there?", "name": "Ana"})
    helper = bot.for_bot(seeded)
    conversation = next(iter(helper.conversations.list())).id
    question = next(iter(helper.messages.list(conversation_id=conversation)))
    speaker = helper.users.create(tags={"name": "Helper"}).id
    answer = helper.messages.create(
        conversation_id=conversation, user_id=speaker, type="text", payload={"text": "Yes!"}, tags={}
    )
    tell("A person writes", f"{question.direction}, and the bot's answer is {answer.direction}")
    return listed


def _upload(bot: Botpress) -> None:
    file = bot.files.upload(GUIDE, key="guide.md", index=True, wait=60)
    tell("Uploaded and indexed", f"{file.key}, {file.size} bytes, {file.status}")
    found = bot.files.search(query="how do I open the pump?")
    tell("Searched by meaning", f"{found[0].content!r}")


def _fill_a_table(bot: Botpress) -> None:
    bot.tables.create(name="PumpsTable", schema={"village": "Gasabo", "litres": 40})
    written = bot.tables.rows.upsert(
        "PumpsTable",
        rows=[{"village": f"v{number}", "litres": number * 10} for number in range(50)],
        key_column="village",
    )
    strong = sum(1 for _ in bot.tables.rows.find("PumpsTable", filter={"litres": {"$gte": 400}}, limit=5))
    tell("Filled a table", f"{len(written.inserted)} rows, {strong} of them with 400 litres or more")


def _meet_the_rate_limit(bot: Botpress, sandbox: Sandbox, clock: QuietClock) -> None:
    sandbox.control("botpress", "set_limit", {"name": "requests_per_second", "value": CALLS_PER_SECOND})
    calls, before = CALLS_PER_SECOND * 4, clock.slept
    for _ in progress(range(calls), f"Made {calls} calls, {CALLS_PER_SECOND}/second", calls):
        bot.users.list(page_size=1).page()
    tell("  waited for that", f"{clock.slept - before:.0f} s, as the answers said (the clock is moved)")


def _meet_errors(client: Botpress, bot: Botpress) -> None:
    try:
        bot.tables.get("NoTable")
    except NotFound as error:
        tell("A typed error", f"{type(error).__name__}: {error}")
    try:
        client.users.get("user_1")
    except InvalidArgument as error:
        tell("Before anything is sent", f"{error}")
