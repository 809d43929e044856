"""Flight records as drawings and sentences: pure."""

from backplane.live.pages.flight import HEIGHT, WIDTH, flight_of, lane_words

STEADY = [[float(s), 12_000, 400, 420] for s in range(-10, 6)]
TRIPPED = [
    *([float(s), 12_000, 400, 420] for s in range(-10, -1)),
    [-1.0, 11_900, 900, 3_100],
    *([float(s), 0, 0, 0] for s in range(6)),
]


def test_the_slot_of_the_event_comes_first_and_the_supply_last() -> None:
    flight = flight_of({"0": STEADY, "2": STEADY, "6": TRIPPED}, 6)
    assert [lane.slot for lane in flight.lanes] == [6, 2, 0]
    assert [lane.is_focus for lane in flight.lanes] == [True, False, False]


def test_the_sentence_tells_the_surge_and_who_dipped() -> None:
    alone = flight_of({"2": STEADY, "6": TRIPPED}, 6)
    assert alone.sentence == (
        "Slot 6 drew 0.40 A before and 3.10 A at the event. No other slot dipped."
    )
    many = {str(number): TRIPPED for number in range(1, 7)} | {"0": TRIPPED}
    assert "5 other slots dipped with it. The supply dipped too." in flight_of(many, 6).sentence
    quiet = flight_of({"2": TRIPPED, "6": STEADY}, 6).sentence
    assert quiet == ("Slot 6 drew 0.40 A before, and no surge was measured. Slot 2 dipped with it.")


def test_what_was_not_measured_is_said() -> None:
    assert flight_of({}, 6).sentence == "Nothing was measured around this event."
    unknown = flight_of({"6": [[-1.0, None, None, None]]}, 6)
    assert unknown.sentence.startswith("The current of slot 6 was not measured.")
    assert unknown.lanes[0].words == "not known"
    assert unknown.rows[0].volts == ""


def test_a_gap_stays_a_gap() -> None:
    missing = [entry for entry in STEADY if not -6 <= entry[0] <= -3]
    unknown = [[s, None if s == 2.0 else mv, ma, top] for s, mv, ma, top in STEADY]
    assert len(flight_of({"1": missing}, 1).lanes[0].volts) == 2
    lane = flight_of({"1": unknown}, 1).lanes[0]
    assert (len(lane.volts), len(lane.amps)) == (2, 1)


def test_lines_stay_inside_their_box_and_share_one_scale() -> None:
    flight = flight_of({"1": STEADY, "6": TRIPPED}, 6)
    for lane in flight.lanes:
        for line in (*lane.volts, *lane.amps, *lane.peaks):
            for point in line.split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= WIDTH
                assert 0 <= y <= HEIGHT
    assert (flight.top_v, flight.top_a) == (12.0, 3.1)


def test_a_lane_says_its_volts_and_its_highest_current() -> None:
    assert lane_words(STEADY) == "12.0 V, at most 0.42 A"
    assert lane_words(TRIPPED) == "12.0 to 0.0 V, at most 3.10 A"
