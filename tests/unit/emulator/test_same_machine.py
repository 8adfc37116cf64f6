import pytest

from emulator.same_machine import refusal

HERE = "127.0.0.1:8086"
PAGES = {"http://127.0.0.1:8088"}


@pytest.mark.parametrize(
    "host", [HERE, "127.0.0.1", "localhost:8086", "LocalHost:8086", "localhost.:8086", "[::1]:8086"]
)
def test_program_on_this_machine_is_answered(host: str) -> None:
    assert refusal([host], [], []) == ""


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["evil.example"],
        ["evil.example:8086"],
        ["evil.localhost:8086"],
        ["localhost..:8086"],
        ["127.0.0.1.evil.example"],
        ["127.0.0.1@evil.example"],
        ["127.0.0.1:8086, evil.example"],
        [HERE, "evil.example"],
        [HERE, HERE],
    ],
)
def test_request_by_another_name_is_refused_whoever_makes_it(hosts: list[str]) -> None:
    assert "127.0.0.1 or localhost" in refusal(hosts, [], [])
    assert "127.0.0.1 or localhost" in refusal(hosts, list(PAGES), [], pages=PAGES)


@pytest.mark.parametrize(
    ("origins", "sites"),
    [
        (["https://evil.example"], ["cross-site"]),
        (["null"], []),
        ([""], []),
        ([f"https://{HERE}"], []),
        (["http://localhost:8086"], []),
        (["http://127.0.0.1:3000"], ["same-site"]),
        ([f"http://{HERE}", "https://evil.example"], []),
        ([f"http://{HERE}, https://evil.example"], []),
        ([], ["cross-site"]),
        ([], ["same-site"]),
        ([], ["none", "cross-site"]),
    ],
)
def test_page_of_another_origin_is_refused_also_one_of_another_port(origins: list[str], sites: list[str]) -> None:
    assert "such as curl" in refusal([HERE], origins, sites)
    assert "CORS_ORIGINS" in refusal([HERE], origins, sites, pages=PAGES)


@pytest.mark.parametrize(
    ("origins", "sites"), [([f"http://{HERE}"], ["same-origin"]), ([], ["same-origin"]), ([], ["none"])]
)
def test_own_page_and_an_address_typed_by_a_person_are_answered(origins: list[str], sites: list[str]) -> None:
    assert refusal([HERE], origins, sites) == ""


def test_page_that_may_call_is_answered() -> None:
    assert refusal(["127.0.0.1:8080"], ["http://127.0.0.1:8088"], ["same-site"], pages=PAGES) == ""
