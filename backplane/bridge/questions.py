"""What the server wants to know of a board: settings, supplies, carriers; asked one by one, answered in one piece.

A question changes nothing, so it is no Command and has no row. It never keeps a person's command waiting
for more than one of its kind.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from backplane.firmware_link.codes import ConfigKey
from backplane.firmware_link.commands import (
    Order,
    OutgoingCommand,
    carrier_uid,
    config_value,
    get_config,
    get_identity,
)
from backplane.firmware_link.messages import IF_EVENT_ANY, Result, ResultCode

# (key, slot); slot 0 is the chassis.
Question = tuple[int, int]
IDENTITY: Final = (
    0  # no key of the board's: which carrier stands in the slot, answered by its uid in hex
)
Answers = dict[Question, int | str | None]
Send = Callable[[OutgoingCommand], None]

# Above the 24 bits of commands, below the ids of the link's own.
_FIRST_ID = 0xFE000000
_ID_COUNT = 0x01000000
_EXPIRES_MS = 5_000


def is_question(wire_id: int) -> bool:
    """Say whether a RESULT's id is that of a question."""
    return _FIRST_ID <= wire_id < _FIRST_ID + _ID_COUNT


def all_questions(slot_count: int) -> list[Question]:
    """Return what is asked of a board that was just greeted."""
    policies = [(int(ConfigKey.RESTORE_POLICY), slot) for slot in range(1, slot_count + 1)]
    return [(int(ConfigKey.BUDGET_MW), 0), (int(ConfigKey.SUPPLIES_GOOD), 0), *policies]


def questions_about(key: int, slot: int, slot_count: int) -> list[Question]:
    """Return what to ask once a setting has changed: the chassis's own value holds for slots without one."""
    wanted = all_questions(slot_count)
    return [each for each in wanted if each[0] == key and slot in {0, each[1]}]


def sorted_answers(answers: Answers) -> tuple[dict[Question, int | None], dict[int, str]]:
    """Return settings by (key, slot), and the uids of carriers by slot; a carrier nobody could read is left out."""
    settings = {
        question: answer if isinstance(answer, int) else None
        for question, answer in answers.items()
        if question[0] != IDENTITY
    }
    carriers = {
        slot: answer
        for (key, slot), answer in answers.items()
        if key == IDENTITY and isinstance(answer, str)
    }
    return settings, carriers


class Questions:
    """The questions to one board. Belongs to the loop of its link."""

    def __init__(self) -> None:
        # The board remembers results by id, over our restarts too: begin elsewhere each time.
        self._count = secrets.randbelow(_ID_COUNT)
        self._send: Send = lambda _: None
        self._boot = 0
        self._waiting: deque[tuple[Question, int]] = deque()
        self._asked: tuple[int, Question] | None = None
        self._answers: Answers = {}
        self._changing: dict[int, Question] = {}  # settings on their way, by the command's id

    def connect(self, send: Send) -> None:
        """Let `send` carry the questions from now on."""
        self._send = send

    def ask(self, boot: int, questions: Iterable[Question], if_event: int = IF_EVENT_ANY) -> None:
        """Ask these once those before them are answered; one that waits already is not asked twice.

        `if_event`: the board answers only while the slot has no newer event than this.
        """
        self._boot = boot
        asked = ((each, if_event) for each in questions)
        self._waiting.extend(each for each in asked if each not in self._waiting)
        if self._asked is None:
            self._ask_next()

    def watch(self, wire_id: int, key: int, slot: int) -> None:
        """Remember a setting that is being sent: when it is answered, `changed` says what it was."""
        self._changing[wire_id] = key, slot

    def changed(self, wire_id: int) -> Question | None:
        """Return the setting that this command was about, once."""
        return self._changing.pop(wire_id, None)

    def take(self, wire_id: int, result: Result | None) -> Answers:
        """Note an answer, None for one that will not come; return all of them after the last, else none.

        An answer is None where the board gave none: what is not known must not stay as it was read before.
        """
        if self._asked is None or self._asked[0] != wire_id:
            return {}
        _, question = self._asked
        self._asked = None
        self._answers[question] = _value(question, result)
        if self._waiting:
            self._ask_next()
            return {}
        answers, self._answers = self._answers, {}
        return answers

    def drop(self) -> None:
        """Forget what was asked: the link is down, and everything is asked anew when it is back."""
        self._waiting.clear()
        self._answers.clear()
        self._changing.clear()
        self._asked = None

    def _ask_next(self) -> None:
        if not self._waiting:
            return
        question, if_event = self._waiting.popleft()
        self._count = (self._count + 1) % _ID_COUNT
        wire_id = _FIRST_ID + self._count
        self._asked = wire_id, question
        order = _order(question)
        self._send(OutgoingCommand(wire_id, order, self._boot, _EXPIRES_MS, if_event))


def _order(question: Question) -> Order:
    key, slot = question
    return get_identity(slot) if key == IDENTITY else get_config(ConfigKey(key), slot)


def _value(question: Question, result: Result | None) -> int | str | None:
    if result is None or result.code != ResultCode.OK:
        return None
    if question[0] != IDENTITY:
        return config_value(result.data)
    uid = carrier_uid(result.data)
    return uid.hex() if uid else None
