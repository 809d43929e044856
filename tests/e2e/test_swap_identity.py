"""Who was put in, is there power for it, is it well: each answer of steps 6 to 8 as the phone shows it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenScreen
from tests.e2e.lab import Lab, until
from tests.e2e.swap_screens import PHONE, SwapScreen, begin, pass_time_since

pytestmark = pytest.mark.e2e


@pytest.fixture
def phone(lab: Lab, open_screen: OpenScreen) -> SwapScreen:
    """The technician's phone, with no page yet."""
    return SwapScreen(lab, open_screen("tim", **PHONE).page)


def test_an_unknown_carrier_gets_no_power_before_it_has_a_name(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 5).to_insert()
    phone.show(swap.swap)
    swap.put_in("BPC-UNKNOWN-1")
    phone.expect_key("6/unknown", "Who is in slot 5?")
    expect(phone.card).to_contain_text("Carrier BPC-UNKNOWN-1 was never seen here.")
    assert lab.bay(5)["rail_on"] is False
    phone.page.locator("#card-name_new-name").fill("cache-05")
    phone.tap("name_new")
    phone.expect_key("8")
    expect(phone.card).to_contain_text("Does cache-05 work?")
    lab.until_slot(5, name="cache-05")


def test_a_pi_that_belongs_elsewhere_is_kept_only_with_a_reason(
    lab: Lab, phone: SwapScreen
) -> None:
    assert lab.name(8, "mail-08") == 200
    lab.tell("pull 8")
    lab.until_slot(8, face="empty")
    swap = begin(lab, 5).to_insert()
    phone.show(swap.swap)
    swap.put_in(str(lab.home[8]))
    phone.expect_key("6/elsewhere", "mail-08 belongs elsewhere")
    expect(phone.card).to_contain_text(f"Its place is {lab.slug} slot 8.")
    expect(phone.screen).to_have_attribute("data-tone", "stop")
    assert lab.bay(5)["rail_on"] is False
    phone.agree("accept_carrier", reason="Slot 8 is dusty")
    phone.expect_key("8", "Check slot 5")
    expect(phone.page.locator("#log")).to_contain_text("mail-08 stays here: Slot 8 is dusty")


def test_a_new_pi_on_the_old_tray_is_another_module(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 8).to_insert()
    phone.show(swap.swap)
    lab.tell("new-pi 8")
    swap.put_in()
    phone.expect_key("6/same_back", "The same carrier is back in slot 8")
    phone.page.locator("#card-same_new_pi-name").fill("mail-new")
    phone.tap("same_new_pi")
    phone.expect_key("8")
    expect(phone.card).to_contain_text("Does mail-new work?")


@pytest.fixture
def nameless(lab: Lab) -> Iterator[Lab]:
    """The carrier of slot 8 says nothing of itself."""
    lab.tell("identity 8 off")
    yield lab
    until(lambda: lab.bay(8)["carrier"] == lab.home[8], "it is back in its slot", limit_s=1)
    lab.tell("identity 8 on")


def test_without_an_identity_a_person_decides(nameless: Lab, phone: SwapScreen) -> None:
    swap = begin(nameless, 8).to_insert()
    phone.show(swap.swap)
    swap.put_in()
    phone.expect_key("6", "Reading slot 8")
    swap.pass_time(20, "step_since")
    phone.expect_key("6/no_identity", "Who is in slot 8?")
    assert nameless.bay(8)["rail_on"] is False
    phone.agree("continue_without_id")
    phone.expect_key("8")


def test_without_power_left_it_waits_and_says_for_whom(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 8).to_insert()
    phone.show(swap.swap)
    lab.set_budget("20")
    swap.put_in()
    swap.until("6/same_back")
    swap.press("accept_carrier")
    phone.expect_key("7/no_power", "Slot 8 waits for power")
    expect(phone.card.locator(".lead")).to_contain_text("Slot 8 needs")
    expect(phone.card.locator(".lead")).to_contain_text("starts when slot")
    assert lab.bay(8)["rail_on"] is False
    lab.set_budget("")
    phone.expect_key("8")
    lab.until_bay(8, rail_on=True)


def test_a_pi_that_is_not_well_is_accepted_with_a_note_alone(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 8).to_health()
    phone.show(swap.swap)
    expect(phone.page.locator("#lines li[data-mark=ok]")).not_to_have_count(0)
    lab.until_bay(8, pi="running")
    lab.tell("halt 8")
    phone.expect_key("8/unhealthy", "Slot 8 is not well")
    expect(phone.card).to_contain_text("Its operating system went down.")
    expect(phone.page.locator("#lines li[data-mark=bad]")).to_contain_text("Current")
    assert swap.post("accept_health").status == 422, "not without a note"
    phone.page.locator("#card-accept_health-note").fill("It is only to be wiped")
    phone.tap("accept_health")
    phone.expect_key("done")
    phone.page.get_by_role("link", name="Receipt").tap()
    expect(phone.page.locator(".receipt")).to_contain_text("It is only to be wiped")


def test_a_short_is_a_power_fault_and_leads_back_to_the_pull(lab: Lab, phone: SwapScreen) -> None:
    swap = begin(lab, 8).to_insert()
    phone.show(swap.swap)
    lab.tell("short 8 on")
    try:
        swap.put_in()
        swap.until("6/same_back")
        swap.press("accept_carrier")
        phone.expect_key("7")
        pass_time_since(lab, "power_on", 10)
        phone.expect_key("7/power_fault", "Slot 8 has no good power")
        expect(phone.card).to_have_attribute("role", "alert")
        phone.agree("swap_again")  # while it lasts: the firmware's next try would find good power
        phone.expect_key("4", "Pull slot 8")
    finally:
        lab.tell("short 8 off")
