"""What leaves the house: signed, paced, and never to an address it must not reach."""

import pytest

from meguri.kit import clock
from meguri.kit.addresses import is_public
from meguri.kit.errors import Invalid
from meguri.serving.model import FIRST_PAUSE, LONGEST_PAUSE, MAX_TRIES, pause_before_try, signature_is_good, signed
from meguri.serving.sending import check_url, resolved, send


def test_a_receiver_can_tell_our_request_from_any_other() -> None:
    now = clock.now()
    header = signed("whs_secret", b'{"a":1}', now)
    assert signature_is_good("whs_secret", b'{"a":1}', header, now)
    assert not signature_is_good("whs_other", b'{"a":1}', header, now)
    assert not signature_is_good("whs_secret", b'{"a":2}', header, now)
    assert not signature_is_good("whs_secret", b'{"a":1}', header, now + 301_000), "an old request is a replay"
    assert not signature_is_good("whs_secret", b'{"a":1}', "rubbish", now)


def test_pauses_double_up_to_a_cap_and_then_it_is_given_up() -> None:
    pauses = [pause_before_try(tries) for tries in range(1, MAX_TRIES)]
    assert pauses[0] == FIRST_PAUSE
    assert pauses[1] == 2 * FIRST_PAUSE
    assert max(pause for pause in pauses if pause) <= LONGEST_PAUSE
    assert clock.HOUR * 6 < sum(pause for pause in pauses if pause) < clock.DAY * 2
    assert pause_before_try(MAX_TRIES) is None


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "172.16.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1",
     "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "100.64.0.1"],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://localhost/x", "http://[::1]/x", "http://2130706433/"])
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(Invalid, match="MEGURI_PRIVATE_WEBHOOKS"):
        resolved(url, private=False)
    assert send(url, b"{}", {}, private=False).status is None


@pytest.mark.parametrize(
    "url", ["", "ftp://example.org/", "https://", "/hook", "https://me:pw@example.org/", "http://x:0"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url)
    assert refused.value.code == "serving.bad_url"
