"""Board files that cannot be are refused, each with a sentence that says what to do; doubtful ones are warned about."""

import copy
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.tools.board_checks import problems, warnings
from firmware.tools.compile_board import compile_board, main
from tests.support.esp32.bench import BOARDS

pytestmark = pytest.mark.long

Change = Callable[[dict[str, Any]], object]


def board(name: str = "reference-10") -> dict[str, Any]:
    return tomllib.loads((BOARDS / f"{name}.toml").read_text())


def chip(data: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in data["chip"] if row["name"] == name)
    return found


def slot(data: dict[str, Any], number: int) -> dict[str, Any]:
    found: dict[str, Any] = data["slot"][number - 1]
    return found


def pin(number: int, name: str, wire: str) -> Change:
    return lambda data: slot(data, number)["pins"].update({name: wire})


REFUSED: list[tuple[str, Change, str]] = [
    ("reference-10", pin(2, "switch", "x0.A0"), r"x0\.0 is used twice: by switch of slot 1 and by switch of slot 2"),
    ("reference-10", pin(2, "switch", "x9.A0"), r"x9\.0 \(switch of slot 2\) names no chip with pins\. There are: x0"),
    ("reference-10", pin(2, "switch", "x0.16"), r"a mcp23017 has pins 0 to 15"),
    ("reference-10", pin(2, "switch", "A0"), r'"A0" names no pin: write CHIP\.BIT'),
    ("reference-10", pin(2, "fault", "!x0.B7"), r"pins A7 and B7 of a mcp23017 are outputs only"),
    ("reference-10", pin(2, "door", "x0.B7"), r"Slot 2 has no pin 'door': a pin is one of fault"),
    ("reference-10", pin(2, "switch", "gpio34"), r"gpio34 .* can only be an input"),
    ("reference-10", pin(2, "switch", "gpio8"), r"gpio8 .* belongs to the flash memory"),
    ("reference-10", pin(2, "switch", "gpio40"), r"gpio40 .* does not exist"),
    ("reference-10", pin(2, "switch", "gpio24"), r"gpio24 .* does not exist"),
    ("reference-10", pin(2, "switch", "gpio13"), r"goes off with every restart of the ESP32.*rails_follow_resets = true"),
    ("reference-10", pin(2, "switch", "gpio21"), r"gpio21 is used twice: by switch of slot 2 and by i2c"),
    ("reference-10", lambda data: slot(data, 2)["pins"].pop("switch"), r"Slot 2 has no switch: write pins"),
    ("reference-10", lambda data: chip(data, "x1").update(address=0x30), r"a mcp23017 cannot have address 0x30; it can have 0x20 to 0x27"),
    ("reference-10", lambda data: chip(data, "x1").update(address=0x20), r"Chips x0 and x1 are both at 0x20"),
    ("reference-10", lambda data: chip(data, "x1").update(kind="mcp23s17"), r"There are drivers for: mcp23017, tca9555"),
    ("reference-10", lambda data: chip(data, "x1").update(name="x0"), r"needs a name of its own"),
    ("reference-10", lambda data: chip(data, "x1").update(marker=3), r"a marker is a spare pin, 0 to 7, of a pcf8574"),
    ("reference-10", lambda data: chip(data, "m1").pop("shunt_mohm"), r"Chip m1 needs shunt_mohm"),
    ("reference-10", lambda data: chip(data, "m3").update(shunt_mohm=50), r"m3 shows 3276 mA at most with 50 mOhm, and budget_mw allows 12500"),
    ("reference-10", lambda data: chip(data, "m3").update(shunt_mohm=[50, 5]), r"Chip m3 needs shunt_mohm"),
    ("reference-10", lambda data: data["limits"].update(limit_ma=4000), r"m0 shows 3276 mA at most with 50 mOhm, so limit_ma = 4000 would never act"),
    ("reference-10", lambda data: data["esp32"].pop("i2c"), r"\[esp32\] has no i2c, but there are chips"),
    ("reference-10", lambda data: data.pop("esp32"), r"\[esp32\] is missing"),
    ("reference-10", lambda data: slot(data, 2).update(meter_at="m0.1"), r"Slot 2: 'm0\.1' measures Slot 1 already"),
    ("reference-10", lambda data: slot(data, 2).update(meter_at="m0.4"), r"a ina3221 has channels 1 to 3"),
    ("reference-10", lambda data: slot(data, 2).update(meter_at="x0.1"), r"'x0\.1' names no chip of kind ina226 or ina3221"),
    ("reference-10", lambda data: slot(data, 2)["identity_at"].update(behind="mux0.0"), r"Slot 1 has a chip at mux0\.0 at 0x50 already"),
    ("reference-10", lambda data: slot(data, 2)["identity_at"].update(behind="mux0.8"), r"a tca9548a has channels 0 to 7"),
    ("reference-10", lambda data: slot(data, 2)["identity_at"].update(address=0x60), r"a 24c02 cannot have address 0x60"),
    ("reference-10", lambda data: slot(data, 2)["identity_at"].update(kind="rfid"), r"it can be 24c02 or ds2401"),
    ("reference-10", lambda data: slot(data, 2).update(identity_at={"kind": "ds2401"}), r"needs the pin of its 1-wire bus"),
    ("reference-10", lambda data: slot(data, 2).pop("identity_at"), r"says it senses identity, but identity_at is not wired"),
    ("reference-10", lambda data: data["senses"].update(presence=False), r"has pins\.presence, but \[senses\] denies presence"),
    ("reference-10", lambda data: data["board"].update(slots=0), r"slots must be 1 to 24"),
    ("reference-10", lambda data: data["board"].pop("name"), r"\[board\] lacks name"),
    ("reference-10", lambda data: data["limits"].update(budget_mw="much"), r"budget_mw must be a positive whole number"),
    ("reference-10", lambda data: data["limits"].update(rail_min_mv=12500), r"off_mv below rail_min_mv below rail_mv"),
    ("reference-10", lambda data: data["geometry"].update(pitch_mm=60.0), r"the last one ends at"),
    ("reference-10", lambda data: data["geometry"].update(slot_width_mm=50.0), r"slots would overlap"),
    ("reference-10", lambda data: data["geometry"].update(slot_height_mm=140.0), r"slots reach below the panel"),
    ("reference-10", lambda data: data.pop("geometry"), r"\[geometry\] is missing"),
    ("reference-10", lambda data: slot(data, 2).update(swich="x0.A0"), r"\[slot\] 2 has no key 'swich'"),
    ("reference-10", lambda data: slot(data, 2).update(lamps={"purple": "gpio4"}), r"no lamp 'purple': a lamp is one of amber"),
    ("reference-10", lambda data: data["esp32"].update(mux_reset="x0.A7"), r"mux_reset must be a pin of the ESP32 itself"),
    ("reference-10", lambda data: data["limits"].update(budget=1), r"\[limits\] has no key 'budget'"),
    ("reference-10", lambda data: data.update(fans={}), r"There is no section \[fans\]"),
    ("reference-10", lambda data: data["esp32"].pop("lights"), r"has other lamps than \[geometry\] says. Write lamps = \[\]"),
    ("power-7", lambda data: slot(data, 3)["lamps"].pop("blue"), r'Slot 3 has other lamps .* lamps = \["status"\]'),
    ("twin-6", lambda data: data["supply"][0].update(feeds=[2, 3]), r"No supply feeds slot 1"),
    ("twin-6", lambda data: data["supply"][0].update(feeds=[1, 2, 3, 9]), r"Supply 1 feeds slot 9, which there is not"),
    ("twin-6", lambda data: slot(data, 2)["identity_at"].update(pin=4), r"gpio4 is used twice: by ds2401 of slot 1"),
    ("twin-6", lambda data: slot(data, 2)["thermometer_at"].update(rom="28ff"), r"rom is the 16 hexadecimal digits"),
    ("power-7", pin(1, "switch", "outlets.0"), r'a pcf8574 drives only low.*Make it active low: "!outlets\.0"'),
    ("power-7", pin(1, "switch", "!outlets.7"), r"outlets\.7 is used twice: by switch of slot 1 and by marker of outlets"),
    ("power-7", pin(1, "switch", "lamps.14"), r"a pca9685 drives lamps only"),
    ("power-7", lambda data: chip(data, "lamps").update(address=0x70), r"cannot have address 0x70"),
    ("rack-15", lambda data: slot(data, 2).update(thermometer_at={"kind": "tmp102", "address": 0x48, "behind": "mux0.1"}), r"0x48 is chip m9 on the bus itself"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "sentence"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_cannot_be_is_refused_with_what_to_do(
    name: str, change: Change, sentence: str
) -> None:
    data = board(name)
    change(data)
    found = problems(data)
    assert any(re.search(sentence, text) for text in found), found
    assert all(text.endswith((".", '"')) for text in found)


@pytest.mark.parametrize("name", sorted(path.stem for path in BOARDS.glob("*.toml")))
def test_boards_of_this_project_are_without_fault_or_doubt(name: str) -> None:
    assert problems(board(name)) == []
    assert warnings(board(name)) == []


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        (
            "reference-10",
            lambda data: data["esp32"]["i2c"].update(hz=100_000),
            "takes 6.3 ms at 100000 Hz",
        ),
        (
            "power-7",
            lambda data: chip(data, "outlets").pop("marker"),
            "cannot tell a loss of power",
        ),
        (
            "hat-4",
            lambda data: data["esp32"].update(alert="gpio12"),
            "sets the wrong flash voltage",
        ),
        (
            "hat-4",
            lambda data: data["esp32"].update(alert="gpio2"),
            "gpio2 .the alert lamp. is read at reset",
        ),
        ("hat-4", lambda data: data["esp32"].update(alert="gpio1"), "is the USB console"),
    ],
)
def test_what_may_surprise_is_warned_about(name: str, change: Change, sentence: str) -> None:
    data = board(name)
    change(data)
    assert problems(data) == []
    assert re.search(sentence, "\n".join(warnings(data)))


def test_switches_on_the_esp32_are_taken_when_declared_and_warned_about() -> None:
    data = board("hat-4")
    for number, gpio in ((1, 4), (2, 13), (3, 14), (4, 18)):
        slot(data, number)["pins"]["switch"] = f"gpio{gpio}"
    assert any("rails_follow_resets" in text for text in problems(data))
    data["esp32"]["rails_follow_resets"] = True
    assert problems(data) == []
    found = warnings(data)
    assert sum("goes off with every restart of the ESP32" in text for text in found) == 4
    assert any("cannot tell a loss of power" in text for text in found)


def test_all_reasons_are_told_at_once(tmp_path: Path) -> None:
    bad = tmp_path / "my-box.toml"
    text = (BOARDS / "reference-10.toml").read_text()
    bad.write_text(text.replace("address = 0x21", "address = 0x20").replace('"x4.B0"', '"x4.A0"'))
    with pytest.raises(ValueError, match="both at 0x20") as told:
        compile_board(bad, tmp_path / "board.json")
    assert "x4.0 is used twice" in str(told.value)
    assert '[board] name is "reference-10", but the file is my-box.toml' in str(told.value)
    assert not (tmp_path / "board.json").exists()


def test_the_command_line_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "board.json")
    monkeypatch.setattr("sys.argv", ["compile_board", str(tmp_path / "none.toml"), out])
    with pytest.raises(SystemExit, match="There is no file"):
        main()
    bad = tmp_path / "bad.toml"
    bad.write_text("[board")
    monkeypatch.setattr("sys.argv", ["compile_board", str(bad), out])
    with pytest.raises(SystemExit, match="is no board"):
        main()
    doubtful = tmp_path / "hat-4.toml"
    doubtful.write_text((BOARDS / "hat-4.toml").read_text().replace("gpio26", "gpio2"))
    monkeypatch.setattr("sys.argv", ["compile_board", str(doubtful), out])
    main()
    assert "warning: gpio2" in capsys.readouterr().out
    assert Path(out).exists()


def test_a_board_is_called_as_its_file_is(tmp_path: Path) -> None:
    text = (BOARDS / "hat-4.toml").read_text()
    mine, out = tmp_path / "my-hat.toml", tmp_path / "board.json"
    mine.write_text(text)
    with pytest.raises(ValueError, match=r'Write name = "my-hat", or call the file hat-4\.toml'):
        compile_board(mine, out)
    assert not out.exists()
    mine.write_text(text.replace('name = "hat-4"', 'name = "my-hat"'))
    assert compile_board(mine, out) == []


GONE = object()
STRANGE = (GONE, 0, 1.5, "x", [1], {"a": 1})


def places(
    table: dict[Any, Any] | list[Any], way: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """The way to each value of a board file, and to the first row of each list."""
    keys = table if isinstance(table, dict) else range(min(1, len(table)))
    for key in keys:
        yield (*way, key)
        if isinstance(table[key], dict | list):
            yield from places(table[key], (*way, key))


def spoilt(data: dict[str, Any], way: tuple[Any, ...], value: object) -> dict[str, Any]:
    made: Any = copy.deepcopy(data)
    table = made
    for key in way[:-1]:
        table = table[key]
    if value is GONE:
        del table[way[-1]]
    else:
        table[way[-1]] = value
    return dict(made)


@pytest.mark.parametrize("name", ["reference-10", "twin-6"])
def test_whatever_a_file_says_it_is_taken_or_refused_in_sentences(name: str) -> None:
    data = board(name)
    for way in places(data):
        for value in STRANGE:
            made = spoilt(data, way, value)
            found = problems(made)
            assert all(text.endswith(".") for text in found), (way, value, found)
            if not found:
                assert isinstance(warnings(made), list)


@pytest.mark.parametrize(
    ("way", "value", "sentence"),
    [
        (("esp32", "uart", "baud"), 9600, r"\[esp32.uart\] baud must be one of 115200, 230400"),
        (("esp32", "uart", "tx"), GONE, r"\[esp32.uart\] lacks tx"),
        (("esp32", "i2c", "hz"), GONE, r"\[esp32.i2c\] lacks hz"),
        (("esp32", "i2c", "speed"), 1, r"\[esp32.i2c\] has no key 'speed'"),
        (("power",), {"redundancy": "n+2"}, r'redundancy must be one of "none", "n\+1"'),
        (("timing", "retries_ms"), "often", r"retries_ms must be a list"),
        (("senses", "meter"), "yes", r"meter must be true or false; it is 'yes'"),
        (("fan", 0, "pulses_per_turn"), 0, r"\[fan\] 1 pulses_per_turn must be a whole number from 1"),
        (("supply", 0, "rating_mw"), GONE, r"\[supply\] 1 lacks rating_mw"),
        (("slot", 0, "pins", "switch"), 7, r"\[slot.pins\] switch must be a text"),
        (("chip",), {"name": "x0"}, r"\[\[chip\]\] has two brackets"),
        (("board", "name"), "My Box", r"\[board\] name must be a name of small letters"),
        (("limits", "off_ma"), 70000, r"off_ma must be a whole number from 1 to 65534"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_with_what_it_must_be(
    way: tuple[Any, ...], value: object, sentence: str
) -> None:
    found = problems(spoilt(board(), way, value))
    assert any(re.search(sentence, text) for text in found), found
