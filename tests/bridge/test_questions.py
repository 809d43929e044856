"""Questions to a board: one at a time, answered in one piece, and never answered by what was read before."""

from backplane.bridge.questions import (
    IDENTITY,
    Questions,
    all_questions,
    is_question,
    questions_about,
    sorted_answers,
)
from backplane.firmware_link.codes import Op
from backplane.firmware_link.commands import OutgoingCommand
from backplane.firmware_link.messages import Result, ResultCode

BOOT = 3


def answer(wire_id: int, value: int = 0, code: ResultCode = ResultCode.OK) -> Result:
    data = value.to_bytes(4, "little", signed=True) if code is ResultCode.OK else b""
    return Result(1, wire_id, code, data)


def asking() -> tuple[Questions, list[OutgoingCommand]]:
    sent: list[OutgoingCommand] = []
    questions = Questions()
    questions.connect(sent.append)
    return questions, sent


def test_what_a_board_is_asked_when_it_is_greeted() -> None:
    assert all_questions(3) == [(7, 0), (10, 0), (1, 1), (1, 2), (1, 3)]
    assert questions_about(1, 2, 3) == [(1, 2)]
    assert questions_about(1, 0, 3) == [(1, 1), (1, 2), (1, 3)]  # slots follow the chassis's own
    assert questions_about(7, 0, 3) == [(7, 0)]
    assert questions_about(5, 0, 3) == []  # of no interest here


def test_one_is_asked_after_the_other_and_all_answers_come_together() -> None:
    questions, sent = asking()
    questions.ask(BOOT, [(7, 0), (1, 2)])
    assert [each.order.args for each in sent] == [bytes((7, 0))]
    assert questions.take(sent[0].id, answer(sent[0].id, 150_000)) == {}
    assert [each.order.args for each in sent] == [bytes((7, 0)), bytes((1, 2))]
    assert questions.take(sent[1].id, answer(sent[1].id, 2)) == {(7, 0): 150_000, (1, 2): 2}
    questions.ask(BOOT, [(1, 2)])
    assert questions.take(sent[2].id, answer(sent[2].id, 1)) == {(1, 2): 1}


def test_a_carrier_is_asked_for_as_of_an_event_and_told_apart_from_settings() -> None:
    questions, sent = asking()
    questions.ask(BOOT, [(7, 0)])
    questions.ask(BOOT, [(IDENTITY, 2), (IDENTITY, 3), (IDENTITY, 4)], if_event=41)
    assert questions.take(sent[0].id, answer(sent[0].id, 150_000)) == {}
    for data in (b"\x02\xaa\x01\x00\x00", b"\x00\x00\x00"):
        questions.take(sent[-1].id, Result(1, sent[-1].id, ResultCode.OK, data))
    answers = questions.take(sent[-1].id, answer(sent[-1].id, code=ResultCode.E_STATE))
    assert [(each.order.op, each.if_event) for each in sent[1:]] == [(Op.GET_IDENTITY, 41)] * 3
    assert sorted_answers(answers) == ({(7, 0): 150_000}, {2: "aa01"})


def test_a_question_cannot_be_taken_for_a_command() -> None:
    questions, sent = asking()
    for _ in range(3):
        questions.ask(BOOT, [(7, 0)])
        questions.take(sent[-1].id, answer(sent[-1].id))
    assert len({each.id for each in sent}) == 3  # the board remembers answers by id
    assert all(is_question(each.id) for each in sent)
    assert {(each.order.op, each.boot) for each in sent} == {(Op.GET_CONFIG, BOOT)}
    assert not is_question(2**24 - 1)
    assert not is_question(0xFF000001)


def test_an_answer_that_does_not_come_makes_it_not_known() -> None:
    questions, sent = asking()
    questions.ask(BOOT, [(1, 1), (1, 2), (1, 3)])
    questions.take(sent[0].id, None)
    questions.take(sent[1].id, answer(sent[1].id, code=ResultCode.E_ARGS))
    late = questions.take(sent[0].id, answer(sent[0].id, 2))
    assert late == {}
    assert questions.take(sent[2].id, Result(1, sent[2].id, ResultCode.OK, b"\1")) == {
        (1, 1): None,
        (1, 2): None,
        (1, 3): None,
    }


def test_what_waits_already_is_not_asked_twice() -> None:
    questions, sent = asking()
    questions.ask(BOOT, [(1, 1), (1, 2)])
    questions.ask(BOOT, [(1, 2), (1, 1)])  # the first of them is on its way with an older value
    for n in range(3):
        questions.take(sent[n].id, answer(sent[n].id))
    assert [each.order.args for each in sent] == [bytes((1, 1)), bytes((1, 2)), bytes((1, 1))]


def test_a_link_that_went_down_takes_the_questions_with_it() -> None:
    questions, sent = asking()
    questions.ask(BOOT, [(1, 1), (1, 2)])
    questions.watch(77, 1, 2)
    questions.drop()
    assert questions.take(sent[0].id, None) == {}
    assert questions.changed(77) is None
    questions.ask(BOOT + 1, [(1, 1)])
    assert (len(sent), sent[-1].boot) == (2, BOOT + 1)


def test_a_setting_on_its_way_is_remembered_once() -> None:
    questions, _ = asking()
    questions.watch(77, 1, 2)
    assert questions.changed(77) == (1, 2)
    assert questions.changed(77) is None
