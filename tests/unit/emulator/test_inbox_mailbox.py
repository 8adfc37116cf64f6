from concurrent.futures import ThreadPoolExecutor

from emulator.inbox.mailbox import Mailbox, ReceivedMail
from emulator.inbox.search import read_search


def mail(subject: str = "", size: int = 100) -> ReceivedMail:
    return ReceivedMail("usher@example.com", ["ewan@example.com"], f"Subject: {subject}\r\n\r\n".encode().ljust(size))


def test_mails_are_listed_newest_first() -> None:
    mailbox = Mailbox()
    mails = [mail(), mail(), mail()]

    for each in mails:
        mailbox.add(each)

    assert mailbox.newest_first() == mails[::-1]


def test_full_mailbox_drops_the_oldest_mails() -> None:
    mailbox = Mailbox(capacity_bytes=300)
    oldest, old, new, newest = mail(size=100), mail(size=100), mail(size=100), mail(size=150)

    for each in (oldest, old, new, newest):
        mailbox.add(each)

    assert mailbox.newest_first() == [newest, new]


def test_deleting_makes_room() -> None:
    mailbox = Mailbox(capacity_bytes=200)
    first, second, third, fourth = mail(), mail(), mail(), mail()

    mailbox.add(first)
    mailbox.add(second)
    mailbox.delete([first.id, "no such id"])
    mailbox.add(third)
    assert mailbox.newest_first() == [third, second]

    mailbox.clear()
    mailbox.add(first)
    mailbox.add(fourth)
    assert mailbox.newest_first() == [fourth, first]


def test_search_lists_the_matching_mails_newest_first() -> None:
    mailbox = Mailbox()
    older, other, newer = mail("welcome one"), mail("goodbye"), mail("welcome two")

    for each in (older, other, newer):
        mailbox.add(each)

    assert mailbox.search(read_search("subject:welcome")) == [newer, older]


def test_threads_can_add_search_and_delete_at_once() -> None:
    mailbox = Mailbox()

    def add_search_and_delete(_: int) -> None:
        kept, deleted = mail("kept"), mail("deleted")
        mailbox.add(kept)
        mailbox.add(deleted)
        assert kept in mailbox.search(read_search("kept"))
        mailbox.delete([deleted.id])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add_search_and_delete, range(100)))

    assert [each.content.subject.strip() for each in mailbox.newest_first()] == ["kept"] * 100
