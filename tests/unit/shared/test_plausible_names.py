import pytest

from shared.texts.plausible_names import plausible_name

NAMES = [
    *("O'Brien", "D\u2019Arcy", "N'Golo", "'t Hooft", "Kealoha'", "\u02bbAkahi", "Jean-Luc", "José María", "Kruščić"),
    *("Dr. Martin Luther King Jr.", "J. R. R. Tolkien", "J.R.R. Tolkien", "J.-P. Dupont", "Jane Doe Ph.D.", "X"),
    *("Jose\u0301", "Nguyễn", "Ёжик", "李小龍", "山田\u3000太郎", "マイケル・ジャクソン", "김철수", "Gal·la", "n" * 40),
    *("محمد", "می\u200cشی", "צ\u05f3רלב", "ராஜேஷ்", "क्\u200dष", "นวลจันทร์", "ང་ཚོ"),
]
PITCHES = [
    *("FREE MONEY https://evil.example/win", "WWW.", "www. evil", "www.evil.example", "evil.example", "bit.ly/x"),
    "visit evil.example now",
    *("evil\u3002example", "evil\uff0eexample", "evil\uff61example", "evil\u2024com", "bücher.example", "127.0.0.1"),
    *("x.co", "Mr.Smith", "a.b.co", "foo@bar", "foo\uff20bar", "tel:one", "mailto:x", "//evil", r"\\evil\win", "a/b"),
    *("Win 100", "٣ Ewan", "Ⅻ", "½", "5 €", "£", "Ewan!", "Call me, now", "<b>Ewan</b>", "a&b", "\N{GRINNING FACE}"),
    *("Ewan\n", "Ewan\nx", "Ewan\tx", "Ewan\u2028x", "Ewan\u202ex", "Ew\u00adan", "Ewan\x00", "\u3164", "Ewan \u115f"),
    *("one two three four five six", "n" * 41, "Z" + "\u0301" * 5, "\u0301", "", " ", " Ewan", "Ewan ", ".", "-"),
]


@pytest.mark.parametrize("name", NAMES)
def test_name_of_any_script_is_one(name: str) -> None:
    assert plausible_name(name) == name


@pytest.mark.parametrize("pitch", PITCHES)
def test_what_may_be_a_link_a_number_or_a_pitch_is_not_a_name(pitch: str) -> None:
    assert plausible_name(pitch) == ""
